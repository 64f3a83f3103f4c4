//! `noctis kills`: asks the store a question, in the language of the API: a page for people, or an export.

mod export;
mod given;
mod show;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use noctis_core::catalogue::Catalogue;
use noctis_core::question::{Asked, Fault, Fields, Format, People, Question};
use noctis_store::{Connection, people};

use self::given::Given;
use crate::answer;
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::kills::Kills;
use crate::signals::Stop;
use crate::static_data::embedded;

pub(super) use show::who;

/// Asks for kills. A comma is or, two flags are and, a `-` before a value is not.
#[derive(Clone, Debug, clap::Args)]
pub struct KillsArgs {
    /// In this system
    #[arg(long, value_name = "NAME|ID", allow_hyphen_values = true)]
    system: Option<String>,
    /// In this region
    #[arg(long, value_name = "NAME|ID", allow_hyphen_values = true)]
    region: Option<String>,
    /// The victim's ship is of this type
    #[arg(long, value_name = "NAME|ID", allow_hyphen_values = true)]
    ship: Option<String>,
    /// At or after this time: 1h, 7d, 2026-11-22, "2026-11-22 14:00"
    #[arg(long, visible_alias = "from", value_name = "TIME")]
    since: Option<String>,
    /// Before this time
    #[arg(long, visible_alias = "to", value_name = "TIME")]
    until: Option<String>,
    /// This character is on the mail
    #[arg(long, value_name = "NAME|ID", allow_hyphen_values = true)]
    character: Option<String>,
    /// This corporation is on the mail
    #[arg(long, value_name = "NAME|ID", allow_hyphen_values = true)]
    corporation: Option<String>,
    /// This alliance is on the mail
    #[arg(long, value_name = "NAME|ID", allow_hyphen_values = true)]
    alliance: Option<String>,
    /// Any key of the language, such as `min_value=1e9`; may be given several times
    #[arg(long = "where", value_name = "KEY=VALUE")]
    pairs: Vec<String>,
    /// time (newest first), arrival (as they were stored), or value (needs --since)
    #[arg(long)]
    order: Option<String>,
    /// Kills a page, 1 to 1000 [default: 50, and 1000 with --all]
    #[arg(long, value_name = "COUNT")]
    limit: Option<String>,
    /// Go on where an earlier page of the same question ended
    #[arg(long)]
    cursor: Option<String>,
    /// Follow the pages to the end, for an export as ndjson or csv
    #[arg(long)]
    all: bool,
    /// Id, hash and time of each kill alone
    #[arg(long)]
    ids: bool,
    /// table, json (as the API answers), ndjson (an object a line) or csv [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json", "ndjson", "csv"])]
    format: Option<String>,
    /// The same as --format json
    #[arg(long, conflicts_with_all = ["format", "csv"])]
    json: bool,
    /// The same as --format csv
    #[arg(long, conflicts_with = "format")]
    csv: bool,
}

/// A question that can be asked again at another cursor.
struct Asking {
    given: Given,
    catalogue: Arc<Catalogue>,
    /// People read a table unless a format was named.
    is_table: bool,
}

/// Answers on `out`.
///
/// # Errors
/// With what to write instead when the question cannot be read; when the database does not answer.
pub async fn run(
    args: &KillsArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let mut asking = Asking::new(args)?;
    let database = Database::open(config, Purpose::Use).await?;
    asking.catalogue = Arc::clone(&database.static_data.catalogue);
    let answering = Box::pin(asking.answer(args.all, &database, out));
    let answered = stop.token().run_until_cancelled(answering).await;
    database.close().await?;
    answered.transpose()?;
    Ok(stop.signal().map_or(ExitCode::SUCCESS, |signal| ExitCode::from(signal.exit_code())))
}

impl Asking {
    /// What is wrong without a look at names is told before a database is opened.
    fn new(args: &KillsArgs) -> anyhow::Result<Asking> {
        let given = args.given()?;
        let is_table = !given.pairs.iter().any(|(key, _)| key == "format");
        let asking = Asking { given, catalogue: Arc::new(embedded()), is_table };
        let asked = asking.asked(None)?;
        let wanted = asked.people().map_err(|fault| asking.given.said(&fault))?;
        if wanted.is_empty() {
            match asked.understand(&asking.catalogue, &People::default(), clock::now()) {
                // Static data that was imported may know the name.
                Ok(_) | Err(Fault::UnknownName { .. }) => {}
                Err(fault) => return Err(asking.given.said(&fault)),
            }
        }
        let writes_lines = ["ndjson", "csv"].map(|format| ("format".to_owned(), format.to_owned()));
        if args.all && !asking.given.pairs.iter().any(|pair| writes_lines.contains(pair)) {
            bail!("--all writes lines as it reads them: add --format ndjson or --format csv");
        }
        Ok(asking)
    }

    /// The question as of now, at this cursor or the one that was given.
    async fn question(
        &self,
        client: &Connection,
        cursor: Option<&str>,
    ) -> anyhow::Result<Question> {
        let asked = self.asked(cursor)?;
        let wanted = asked.people().map_err(|fault| self.given.said(&fault))?;
        self.understood(&asked, &people::named(client, &wanted).await?)
    }

    fn asked(&self, cursor: Option<&str>) -> anyhow::Result<Asked> {
        Asked::from_pairs(&self.given.pairs_at(cursor)).map_err(|fault| self.given.said(&fault))
    }

    fn understood(&self, asked: &Asked, people: &People) -> anyhow::Result<Question> {
        let understood = asked.understand(&self.catalogue, people, clock::now());
        understood.map_err(|fault| self.given.said(&fault))
    }

    async fn answer(
        &self,
        all: bool,
        database: &Database,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let kills = database.kills();
        let question = self.question(&kills.client().await?, None).await?;
        match question.format {
            Format::Ndjson | Format::Csv => {
                export::export(self, question, (all, &kills), out).await
            }
            Format::Json => self.answer_page(&question, &kills, out).await,
        }
    }

    /// One page, for people or as the API has it.
    async fn answer_page(
        &self,
        question: &Question,
        kills: &Kills,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let now = clock::now();
        match question.fields {
            Fields::All => {
                let page = answer::page(kills, &self.catalogue, question, now).await?;
                if self.is_table {
                    return show::kills(&page, out);
                }
                writeln!(out, "{}", serde_json::to_string_pretty(&page)?)?;
            }
            Fields::Ids => {
                let page = answer::id_page(kills, &self.catalogue, question, now).await?;
                if self.is_table {
                    return show::ids(&page, out);
                }
                writeln!(out, "{}", serde_json::to_string_pretty(&page)?)?;
            }
        }
        Ok(())
    }
}

impl KillsArgs {
    /// The flags and pairs as pairs of the language.
    fn given(&self) -> anyhow::Result<Given> {
        let format = match (&self.format, self.json, self.csv) {
            (Some(format), ..) if format == "table" => None,
            (Some(format), ..) => Some(format.clone()),
            (None, true, _) => Some("json".to_owned()),
            (None, false, true) => Some("csv".to_owned()),
            (None, false, false) => None,
        };
        let limit = self.limit.clone().or_else(|| self.all.then(|| "1000".to_owned()));
        let ids = self.ids.then(|| "ids".to_owned());
        let mut given = Given::default();
        given.named("--system", "system", self.system.as_ref());
        given.named("--region", "region", self.region.as_ref());
        given.named("--ship", "ship_type", self.ship.as_ref());
        given.named("--character", "character", self.character.as_ref());
        given.named("--corporation", "corporation", self.corporation.as_ref());
        given.named("--alliance", "alliance", self.alliance.as_ref());
        given.plain("--since", "from", self.since.as_ref());
        given.plain("--until", "to", self.until.as_ref());
        given.plain("--order", "order", self.order.as_ref());
        given.plain("--limit", "limit", limit.as_ref());
        given.plain("--cursor", "cursor", self.cursor.as_ref());
        given.plain("--format", "format", format.as_ref());
        given.plain("--ids", "fields", ids.as_ref());
        for pair in &self.pairs {
            given.pair(pair)?;
        }
        Ok(given)
    }
}
