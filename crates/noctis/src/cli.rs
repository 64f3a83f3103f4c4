//! The commands.

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

/// Runs the command that this process was started with.
///
/// # Errors
/// Whatever the command could not do.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let surroundings = Surroundings::of_this_process()?;
    match cli.command {
        Command::Config(command) => config::run(&command, &cli.global, &surroundings),
    }
}
