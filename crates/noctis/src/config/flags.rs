//! The flag layer: what every command accepts before or after its name.

use std::path::PathBuf;

use super::keys;
use super::settings::{Given, Origin, find};

/// Flags of every command. A key without a flag of its own is given by `--set`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Configuration file [default: ./noctis.toml, then the user's and the machine's]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// Folder of noctis' own PostgreSQL and its data
    #[arg(long, global = true, value_name = "PATH")]
    pub data_dir: Option<String>,

    /// PostgreSQL to use instead of noctis' own
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Loopback address where noctis' own PostgreSQL listens too
    #[arg(long, global = true, value_name = "IP:PORT")]
    pub pg_listen: Option<String>,

    /// Portable PostgreSQL to unpack where none is installed
    #[arg(long, global = true, value_name = "FILE")]
    pub postgres_archive: Option<String>,

    /// Form of log lines: auto, text or json
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,

    /// off, error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,

    /// Any key of the configuration; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// A key that a command offers as a flag of its own, such as `serve --listen`.
#[derive(Clone, Debug)]
pub struct CommandFlag {
    pub about: &'static keys::About,
    /// As the user writes it: `--listen`.
    pub flag: &'static str,
    /// Nothing, if the user did not give it.
    pub text: Option<String>,
}

/// Every value given by a flag, or what is wrong with it. A key's own flag prevails over `--set`.
pub(super) fn layer(global: &GlobalArgs, command: &[CommandFlag]) -> Vec<Result<Given, String>> {
    let own = [
        (&keys::DATA_DIR.about, "--data-dir", &global.data_dir),
        (&keys::DATABASE_URL.about, "--database-url", &global.database_url),
        (&keys::PG_LISTEN.about, "--pg-listen", &global.pg_listen),
        (&keys::POSTGRES_ARCHIVE.about, "--postgres-archive", &global.postgres_archive),
        (&keys::LOG_FORMAT.about, "--log-format", &global.log_format),
        (&keys::LOG_LEVEL.about, "--log-level", &global.log_level),
    ];
    let of_command = command.iter().map(|flag| (flag.about, flag.flag, &flag.text));
    let given = own.into_iter().chain(of_command).filter_map(|(about, flag, text)| {
        let text = text.clone()?;
        Some(Ok(Given { about, text, origin: Origin::Flag(flag.into()) }))
    });
    global.set.iter().map(|assignment| set(assignment)).chain(given).collect()
}

fn set(assignment: &str) -> Result<Given, String> {
    let (name, text) = assignment
        .split_once('=')
        .ok_or("--set: write KEY=VALUE, such as `--set partitions.ahead=6`")?;
    let name = name.trim();
    let about = find(name, &Origin::Flag("--set".into()))?;
    Ok(Given { about, text: text.trim().to_owned(), origin: Origin::Flag(format!("--set {name}")) })
}
