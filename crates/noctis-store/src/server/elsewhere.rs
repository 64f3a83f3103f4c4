//! Systems without a cluster of our own, where `DATABASE_URL` names the server: nobody ever holds a [`Cluster`].

use std::path::Path;

use tokio_postgres::Config;

use super::error::{Error, io};
use super::options::ClusterOptions;
use super::progress::Reporter;

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
    pub fn exists(_data_dir: &Path) -> bool {
        false
    }
    pub async fn base_backup(&self, _into: &Path, _reporter: &Reporter) -> Result<(), Error> {
        match *self {}
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

/// PostgreSQL's manifest of a base backup.
pub const MANIFEST_FILE: &str = "backup_manifest";

#[allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::unused_async,
    reason = "the same as on Unix"
)]
mod nothing {
    use std::path::Path;

    use super::{ClusterOptions, Error};
    use crate::server::Upgraded;

    pub async fn verify_base_backup(_: &ClusterOptions, _: &Path) -> Result<(), Error> {
        Err(Error::Unsupported)
    }
    pub async fn place_base_backup(_: &ClusterOptions, _: &Path) -> Result<(), Error> {
        Err(Error::Unsupported)
    }
    pub async fn upgrade(_: &ClusterOptions) -> Result<Upgraded, Error> {
        Err(Error::Unsupported)
    }
    pub fn must_fit(_: u64, _: &Path) -> Result<(), Error> {
        Ok(())
    }
}

pub use nothing::{must_fit, place_base_backup, upgrade, verify_base_backup};
