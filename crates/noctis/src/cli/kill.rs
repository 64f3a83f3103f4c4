//! `noctis kill ID`: one kill with attackers and items.

use std::io::Write;

use anyhow::bail;
use noctis_core::time::eve_time;

use super::kills::who;
use super::table;
use crate::answer::{self, Attack, CarriedItem, KillDetail, NamedType};
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::figures::{grouped, security, share};
use crate::{clock, kills};

/// Attackers shown; `--json` has them all.
const ATTACKERS_SHOWN_MAX: usize = 50;

/// Shows one kill.
#[derive(Clone, Debug, clap::Args)]
pub struct KillArgs {
    /// The killmail's id
    #[arg(value_name = "ID")]
    killmail_id: i64,
    /// Answer as the API does
    #[arg(long, conflicts_with = "esi")]
    json: bool,
    /// Print the ESI body and nothing else
    #[arg(long)]
    esi: bool,
}

/// Answers on `out`.
///
/// # Errors
/// When the kill is not stored, or the database does not answer.
pub async fn run(args: &KillArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let database = Database::open(config, Purpose::Use).await?;
    let found = find(args, &database).await;
    database.close().await?;
    match found? {
        Some(Found::Body(body)) => writeln!(out, "{body}")?,
        Some(Found::Kill(kill)) if args.json => {
            writeln!(out, "{}", serde_json::to_string_pretty(&kill)?)?;
        }
        Some(Found::Kill(kill)) => show(&kill, out)?,
        None => bail!("killmail {} is not stored here", args.killmail_id),
    }
    Ok(())
}

enum Found {
    Body(String),
    Kill(Box<KillDetail>),
}

async fn find(args: &KillArgs, database: &Database) -> kills::Result<Option<Found>> {
    let kills = database.kills();
    if args.esi {
        return Ok(kills.body(args.killmail_id).await?.map(Found::Body));
    }
    let catalogue = &database.static_data.catalogue;
    let kill = answer::kill(&kills, catalogue, args.killmail_id, clock::now()).await?;
    Ok(kill.map(|kill| Found::Kill(Box::new(kill))))
}

fn show(detail: &KillDetail, out: &mut dyn Write) -> anyhow::Result<()> {
    let kill = &detail.kill;
    let (victim, system) = (&kill.victim, &kill.solar_system);
    let name = |name: &Option<String>, id: i64| name.clone().unwrap_or_else(|| id.to_string());
    let region = system.region.as_ref().and_then(|region| region.name.as_deref()).unwrap_or("?");
    writeln!(out, "{} lost by {}", type_name(&victim.ship), who(&victim.party))?;
    writeln!(
        out,
        "in {} ({}, {region}) at {} EVE",
        name(&system.name, system.id),
        security(system.security).0,
        eve_time(kill.killmail_time)
    )?;
    match kill.value.worth() {
        Some(total) => writeln!(out, "worth {} ({})", total.short, total.exact)?,
        None => writeln!(out, "of unknown value")?,
    }
    writeln!(out, "labels {}\n", kill.labels.join(", "))?;
    writeln!(out, "{}", attackers(&detail.attackers))?;
    let left_out = detail.attackers.len().saturating_sub(ATTACKERS_SHOWN_MAX);
    if left_out > 0 {
        writeln!(out, "and {left_out} more, see --json")?;
    }
    let mut items = table::new(&["item", "place", "dropped", "destroyed"]);
    table::align_right(&mut items, &[2, 3]);
    add_items(&mut items, &detail.items, 0);
    writeln!(out, "\n{items}")?;
    Ok(())
}

fn attackers(attacks: &[Attack]) -> comfy_table::Table {
    let sum = attacks.iter().map(|attack| attack.damage_done).fold(0, i64::saturating_add);
    let mut sorted: Vec<&Attack> = attacks.iter().collect();
    sorted.sort_by_key(|attack| (std::cmp::Reverse(attack.damage_done), !attack.final_blow));
    let mut rows = table::new(&["attacker", "ship", "weapon", "damage", "share", ""]);
    table::align_right(&mut rows, &[3, 4]);
    for attack in sorted.into_iter().take(ATTACKERS_SHOWN_MAX) {
        rows.add_row([
            who(&attack.party),
            attack.ship.as_ref().map_or(String::new(), type_name),
            attack.weapon.as_ref().map_or(String::new(), type_name),
            grouped(attack.damage_done),
            share(attack.damage_done, sum),
            if attack.final_blow { "final blow".to_owned() } else { String::new() },
        ]);
    }
    rows
}

/// The reader refuses mails that nest deeper than a few levels, so this ends.
fn add_items(rows: &mut comfy_table::Table, items: &[CarriedItem], depth: usize) {
    let count = |quantity: i64| if quantity > 0 { grouped(quantity) } else { String::new() };
    for item in items {
        rows.add_row([
            format!("{}{}", "- ".repeat(depth), type_name(&item.item)),
            item.slot.unwrap_or_default().to_owned(),
            count(item.quantity_dropped),
            count(item.quantity_destroyed),
        ]);
        add_items(rows, &item.items, depth + 1);
    }
}

fn type_name(thing: &NamedType) -> String {
    thing.name.clone().unwrap_or_else(|| thing.id.to_string())
}
