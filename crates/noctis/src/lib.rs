//! Acts: configuration, commands, import, HTTP. The program is [`cli::run`].

pub mod cli;
pub mod clock;
pub mod config;
pub mod database;
pub mod logging;
