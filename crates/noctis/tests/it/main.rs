//! The program as its users meet it: the binary on real databases, over HTTP, on pages.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "all of this is tests; what they measured is printed"
)]

mod api;
mod asking;
mod backup;
mod cli_kills;
mod cold;
mod commands;
mod counted;
mod crash;
mod differential;
mod doctor;
mod entities;
mod import;
mod loopback;
mod names;
mod openapi;
mod pages;
mod parked;
mod planning;
mod presence;
mod prices;
mod program;
mod re_enrich;
mod retiring;
mod sample;
mod samples;
mod sde;
mod serve;
mod served;
mod serving;
mod shelf;
mod stocked;
mod suggest;
mod tables;
mod watching;
