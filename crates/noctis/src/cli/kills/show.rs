//! A page of kills as a table.

use std::io::Write;

use noctis_core::time::eve_time;

use crate::answer::{IdPage, Kill, KillPage, Party};
use crate::cli::table;

/// Kills as people read them.
pub(super) fn kills(page: &KillPage, out: &mut dyn Write) -> anyhow::Result<()> {
    let headings = ["killmail", "time, EVE", "ship", "victim", "system", "final blow", "by", "ISK"];
    let mut rows = table::new(&headings);
    table::align_right(&mut rows, &[6, 7]);
    for kill in &page.killmails {
        rows.add_row(row(kill));
    }
    writeln!(out, "{rows}")?;
    end(page.killmails.len(), page.next.as_deref(), out)
}

/// The same with ids alone.
pub(super) fn ids(page: &IdPage, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut rows = table::new(&["killmail", "hash", "time, EVE"]);
    for kill in &page.killmails {
        rows.add_row([
            kill.killmail_id.to_string(),
            kill.killmail_hash.map_or(String::new(), |hash| hash.to_string()),
            eve_time(kill.killmail_time),
        ]);
    }
    writeln!(out, "{rows}")?;
    end(page.killmails.len(), page.next.as_deref(), out)
}

/// How many they were, and how to go on.
fn end(count: usize, next: Option<&str>, out: &mut dyn Write) -> anyhow::Result<()> {
    let count = counted(count as u64);
    match next {
        Some(cursor) => writeln!(out, "{count}; for the next page add --cursor {cursor}")?,
        None => writeln!(out, "{count}")?,
    }
    Ok(())
}

/// `1 kill`, `2 kills`.
pub(super) fn counted(count: u64) -> String {
    if count == 1 { "1 kill".to_owned() } else { format!("{count} kills") }
}

fn row(kill: &Kill) -> [String; 8] {
    let victim = &kill.victim;
    let system = &kill.solar_system;
    [
        kill.killmail_id.to_string(),
        eve_time(kill.killmail_time),
        victim.ship.name.clone().unwrap_or_else(|| victim.ship.id.to_string()),
        who(&victim.party),
        system.name.clone().unwrap_or_else(|| system.id.to_string()),
        kill.final_blow.as_ref().map_or(String::new(), |blow| who(&blow.party)),
        kill.attacker_count.to_string(),
        kill.value.worth().map_or(String::new(), |worth| worth.short),
    ]
}

/// The first that is told: the name, or the id where there is none.
pub(in crate::cli) fn who(party: &Party) -> String {
    let Party { character, corporation, alliance, faction } = party;
    let told = [character, corporation, alliance, faction].into_iter().flatten().next();
    told.map_or(String::new(), |named| named.name.clone().unwrap_or_else(|| named.id.to_string()))
}
