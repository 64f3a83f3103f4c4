//! The commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{GlobalArgs, Surroundings};

pub mod config;

/// A killmail database for EVE Online.
#[derive(Debug, Parser)]
#[command(name = "noctis", version, about)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write, check or show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Runs the command that this process was started with, and tells how it went.
#[must_use]
#[allow(clippy::print_stderr, reason = "an error before the log has started has no other place")]
pub fn run() -> ExitCode {
    match run_command(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads us, such as `head`, has enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("noctis: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(cli: &Cli) -> anyhow::Result<()> {
    let surroundings = Surroundings::of_this_process()?;
    match &cli.command {
        Command::Config(command) => {
            config::run(command, &cli.global, &surroundings, &mut std::io::stdout())
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.root_cause().downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::BrokenPipe)
}
