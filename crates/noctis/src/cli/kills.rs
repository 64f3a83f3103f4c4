//! `noctis kills`: asks the store a question, in the language of the API, and shows one page of the answer.

mod csv;

use std::io::Write;

use anyhow::{anyhow, bail};
use noctis_core::question::{self, Fault};
use noctis_core::time::eve_time;

use crate::answer::{self, Kill, KillPage, Party};
use crate::cli::table;
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::figures::Amount;

/// Asks for kills. A comma is or, two keys are and, a `-` before a value is not.
#[derive(Clone, Debug, clap::Args)]
pub struct KillsArgs {
    /// In the system of exactly this name
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// The victim's ship is of exactly this name
    #[arg(long, value_name = "NAME")]
    ship: Option<String>,
    /// At or after this time: 1h, 7d, 2026-11-22, "2026-11-22 14:00"
    #[arg(long, visible_alias = "from", value_name = "TIME")]
    since: Option<String>,
    /// Before this time
    #[arg(long, visible_alias = "to", value_name = "TIME")]
    until: Option<String>,
    /// This character is on the mail
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    character: Option<String>,
    /// This corporation is on the mail
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    corporation: Option<String>,
    /// This alliance is on the mail
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    alliance: Option<String>,
    /// Kills a page, 1 to 1000
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    /// time, newest first, or arrival
    #[arg(long)]
    order: Option<String>,
    /// Any key of the language, such as `min_value=1e9`; may be given several times
    #[arg(long = "where", value_name = "KEY=VALUE")]
    pairs: Vec<String>,
    /// Answer as the API does
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Answer as comma-separated values
    #[arg(long)]
    csv: bool,
}

/// Answers on `out`.
///
/// # Errors
/// With what to write instead when the question cannot be read; when the database does not answer.
pub async fn run(args: &KillsArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let pairs = args.pairs()?;
    let database = Database::open(config, Purpose::Use).await?;
    let catalogue = &database.static_data.catalogue;
    let asked = async {
        let question =
            question::parse(&pairs, catalogue, clock::now()).map_err(|fault| said(&fault))?;
        let client = database.store.client().await?;
        anyhow::Ok(answer::page(&client, catalogue, &question, clock::now()).await?)
    };
    let page = asked.await;
    database.close().await?;
    let page = page?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&page)?)?;
    } else if args.csv {
        csv::write(&page.killmails, out)?;
    } else {
        show(&page, out)?;
    }
    Ok(())
}

impl KillsArgs {
    /// The flags as pairs of the language.
    fn pairs(&self) -> anyhow::Result<Vec<(String, String)>> {
        let limit = self.limit.map(|limit| limit.to_string());
        let flags = [
            ("system", &self.system),
            ("ship_type", &self.ship),
            ("from", &self.since),
            ("to", &self.until),
            ("character_id", &self.character),
            ("corporation_id", &self.corporation),
            ("alliance_id", &self.alliance),
            ("limit", &limit),
            ("order", &self.order),
        ];
        let mut pairs: Vec<(String, String)> = flags
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect();
        for pair in &self.pairs {
            let Some((key, value)) = pair.split_once('=') else {
                bail!("--where {pair} is no KEY=VALUE, such as min_value=1e9");
            };
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(pairs)
    }
}

fn said(fault: &Fault) -> anyhow::Error {
    match fault {
        Fault::Ambiguous { key, name, candidates } => {
            let all: Vec<String> =
                candidates.iter().map(|(id, name)| format!("{id} ({name})")).collect();
            anyhow!(
                "{key}={name} can mean several: {}; ask by id with --where {key}_id=…",
                all.join(", ")
            )
        }
        Fault::UnknownKey { .. } | Fault::BadValue { .. } | Fault::ForeignCursor => {
            anyhow!("{fault}")
        }
    }
}

fn show(page: &KillPage, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut rows = table::new(&[
        "killmail",
        "time, EVE",
        "ship",
        "victim",
        "system",
        "final blow",
        "by",
        "ISK",
    ]);
    table::align_right(&mut rows, &[6, 7]);
    for kill in &page.killmails {
        rows.add_row(row(kill));
    }
    writeln!(out, "{rows}")?;
    let count = match page.killmails.len() {
        1 => "1 kill".to_owned(),
        many => format!("{many} kills"),
    };
    match &page.next {
        Some(cursor) => {
            writeln!(out, "{count}; for the next page add --where cursor={cursor}")?;
        }
        None => writeln!(out, "{count}")?,
    }
    Ok(())
}

fn row(kill: &Kill) -> [String; 8] {
    let victim = &kill.victim;
    let blow = kill.final_blow.as_ref();
    let system = &kill.solar_system;
    [
        kill.killmail_id.to_string(),
        eve_time(kill.killmail_time),
        victim.ship.name.clone().unwrap_or_else(|| victim.ship.id.to_string()),
        who(&victim.party),
        system.name.clone().unwrap_or_else(|| system.id.to_string()),
        blow.map_or(String::new(), |blow| who(&blow.party)),
        kill.attacker_count.to_string(),
        kill.value.total.map_or(String::new(), |total| Amount::new(total).short),
    ]
}

/// The first that is told: the name, or the id where there is none.
pub(super) fn who(party: &Party) -> String {
    let Party { character, corporation, alliance, faction } = party;
    let told = [character, corporation, alliance, faction].into_iter().flatten().next();
    told.map_or(String::new(), |named| named.name.clone().unwrap_or_else(|| named.id.to_string()))
}
