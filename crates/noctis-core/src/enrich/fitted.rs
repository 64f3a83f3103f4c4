//! Where an item lay on the victim: fitted to a slot, or carried.

use jiff::civil::{Date, date};

use crate::killmail::Killmail;
use crate::time;

/// From here on a mail says the slot. Of the real mails the last without is of 2011-11, the first with one of 2012-08.
const SLOTS_SINCE: Date = date(2013, 1, 1);

/// Which of a mail's flags mean "fitted".
#[derive(Clone, Copy, Debug)]
pub(super) struct Fitted {
    /// Mails of 2008 to 2011 flag all that was fitted with 0; cargo and drones have flags of their own there. Later a
    /// structure's hangar has flag 0.
    flag_zero: bool,
}

impl Fitted {
    pub(super) fn of(killmail: &Killmail) -> Fitted {
        let old = time::day(killmail.killmail_time) < SLOTS_SINCE;
        let flag_zero = old && !killmail.victim.items.iter().any(|item| is_slot(item.flag));
        Fitted { flag_zero }
    }

    /// Whether an item with this flag, not in a container, was fitted.
    pub(super) fn holds(self, flag: i64) -> bool {
        is_slot(flag) || self.flag_zero && flag == 0
    }
}

/// Low, mid, high, rig, subsystem, service slots. Drones and fighters, implants and boosters are not fitted.
fn is_slot(flag: i64) -> bool {
    matches!(flag, 11..=34 | 92..=99 | 125..=132 | 164..=171)
}
