//! The labels of a kill: who fought whom, where, when, with how many, in zKillboard's own strings and some of ours.
//!
//! A feed's labels are kept beside ours, except where ours answers the same question; `docs/enrichment.md` says who prevails.

mod flags;
mod place;
pub(in crate::enrich) mod ships;
mod table;

pub use flags::Flags;
pub use table::{LABELS, Label};

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::catalogue::Catalogue;
use crate::enrich::ValueSource;
use crate::enrich::value::Value;
use crate::killmail::Killmail;
use crate::zkb::Zkb;

/// More labels than this from a feed are left out: zKillboard gives at most about ten.
pub const FEED_LABELS_MAX: usize = 64;

/// A longer label from a feed is left out: zKillboard's longest has 11 letters.
pub const FEED_LABEL_BYTES_MAX: usize = 64;

/// Labels that begin so answer one question, and a kill has one answer to it (but for [`place`]'s Drifter systems).
const FAMILIES: [&str; 6] = ["#:", "cat:", "isk:", "loc:", "tz:", "wh:"];

type Text = Cow<'static, str>;

/// What was decided of a kill before its labels.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub flags: Flags,
    pub value: &'a Value,
}

/// All labels of a kill, sorted, each once.
pub(super) fn of(
    killmail: &Killmail,
    zkb: Option<&Zkb>,
    known: Known<'_>,
    catalogue: &Catalogue,
) -> Vec<String> {
    let Known { flags, value } = known;
    let feed: Vec<&str> = zkb.map(sound_labels).into_iter().flatten().collect();
    let mut ours: Vec<Text> = Vec::with_capacity(16);
    if flags.npc {
        ours.push("npc".into());
    } else if !feed.contains(&"padding") {
        // zKillboard sees padding over many kills; such a kill is not `pvp`.
        ours.push("pvp".into());
    }
    if flags.awox {
        ours.push("awox".into());
    }
    ours.push(if flags.solo { "solo" } else { attacker_count(killmail.attackers.len()) }.into());
    ours.push(timezone(killmail).into());
    ours.extend(value.total.and_then(|total| isk(total.amount())).map(Text::from));
    // zKillboard knows what a system was on the day; our static data only what it is now.
    if !feed.iter().any(|label| label.starts_with("loc:")) {
        place::add(&mut ours, killmail, catalogue);
    }
    ours.extend(place::wormhole_class(killmail, catalogue).map(Text::from));
    ships::add(&mut ours, killmail, catalogue);
    // A feed's band is of its own value: beside ours it would be a second answer.
    let foreign = |label: &str| value.source == ValueSource::Own && label.starts_with("isk:");
    let kept = feed.into_iter().filter(|label| keeps(label, &ours) && !foreign(label));
    let kept = kept.map(str::to_owned);
    let mut all: Vec<String> = kept.collect();
    all.extend(ours.into_iter().map(Text::into_owned));
    all.sort_unstable();
    all.dedup();
    all
}

/// A feed's labels within our bounds.
fn sound_labels(zkb: &Zkb) -> impl Iterator<Item = &str> {
    let first = zkb.labels.iter().take(FEED_LABELS_MAX).map(String::as_str);
    first.filter(|label| (1..=FEED_LABEL_BYTES_MAX).contains(&label.len()))
}

/// Whether a feed's label says something ours do not: the flags are decided already, and a family has one answer.
fn keeps(label: &str, ours: &[Text]) -> bool {
    let decided = ["npc", "pvp", "solo", "awox"].contains(&label);
    let family = FAMILIES.iter().find(|family| label.starts_with(**family));
    let answered = family.is_some_and(|family| ours.iter().any(|own| own.starts_with(family)));
    !decided && !answered
}

/// NPCs count, as in zKillboard.
fn attacker_count(attackers: usize) -> &'static str {
    match attackers {
        1000.. => "#:1000+",
        100.. => "#:100+",
        50.. => "#:50+",
        25.. => "#:25+",
        10.. => "#:10+",
        5.. => "#:5+",
        2.. => "#:2+",
        0..2 => "#:1",
    }
}

/// zKillboard's prime times, by the hour of the kill in UTC.
fn timezone(killmail: &Killmail) -> &'static str {
    const SECONDS_A_DAY: i64 = 86_400;
    match killmail.killmail_time.as_second().rem_euclid(SECONDS_A_DAY) / 3_600 {
        4..8 => "tz:usw",
        8..14 => "tz:au",
        14..17 => "tz:ru",
        17..22 => "tz:eu",
        _ => "tz:use",
    }
}

fn isk(value: Decimal) -> Option<&'static str> {
    const BILLION: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
    let billions = value / BILLION;
    let bands =
        [(1_000, "isk:1t+"), (100, "isk:100b+"), (10, "isk:10b+"), (5, "isk:5b+"), (1, "isk:1b+")];
    bands.into_iter().find(|(least, _)| billions >= Decimal::from(*least)).map(|(_, label)| label)
}

#[cfg(test)]
mod tests;
