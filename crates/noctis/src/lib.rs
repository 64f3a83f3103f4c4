//! Acts: configuration, commands, import, HTTP. The program is [`cli::run`].

pub mod answer;
pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod database;
pub mod logging;
pub mod serving;
pub mod web;
