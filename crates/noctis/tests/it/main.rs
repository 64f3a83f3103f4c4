//! The program as its users meet it: over HTTP, on pages, on the command line.

mod api;
mod cli_kills;
mod openapi;
mod pages;
mod stocked;
