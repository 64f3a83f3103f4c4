//! Systems without a cluster of our own, where `DATABASE_URL` names the server: nobody ever holds a [`Cluster`].

use std::path::Path;

use tokio_postgres::Config;

use super::error::{Error, io};
use super::options::ClusterOptions;

/// Cannot exist here.
#[derive(Debug)]
pub enum Cluster {}

#[allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::unused_async,
    reason = "the same as on Unix"
)]
impl Cluster {
    pub async fn join(_options: &ClusterOptions) -> Result<Self, Error> {
        Err(Error::Unsupported)
    }
    pub async fn revive(&mut self) -> Result<(), Error> {
        match *self {}
    }
    pub async fn leave(self) -> Result<(), Error> {
        match self {}
    }
    pub fn owner_url(&self) -> String {
        match *self {}
    }
    pub fn reader_url(&self) -> String {
        match *self {}
    }
    pub fn owner_loopback_url(&self) -> Option<String> {
        match *self {}
    }
    pub fn reader_loopback_url(&self) -> Option<String> {
        match *self {}
    }
    pub fn owner_config(&self) -> Config {
        match *self {}
    }
    pub fn reader_config(&self) -> Config {
        match *self {}
    }
    pub fn bin_dir(&self) -> &Path {
        match *self {}
    }
    pub fn version(&self) -> &str {
        match *self {}
    }
    pub fn log_path(&self) -> &Path {
        match *self {}
    }
    pub fn is_alive(&self) -> bool {
        match *self {}
    }
    pub fn postmaster_pid(&self) -> i32 {
        match *self {}
    }
}

pub(super) fn make_data_folder(data_dir: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(data_dir).map_err(io("create the data folder", data_dir))
}
