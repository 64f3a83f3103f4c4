//! Acts: configuration, commands, import, HTTP. The program is [`cli::run`].

pub mod answer;
pub mod api;
pub mod app;
pub mod backup;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
pub mod database;
pub mod doctor;
pub mod esi;
pub mod fetch;
mod figures;
pub mod import;
pub mod kills;
pub mod lifecycle;
pub mod logging;
pub mod names;
pub mod prices;
pub mod re_enrich;
pub mod reading;
pub mod sample;
pub mod sde;
pub mod serving;
pub mod signals;
pub mod static_data;
pub mod web;
