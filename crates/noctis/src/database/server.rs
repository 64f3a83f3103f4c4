//! The server of a command: one whose address was given, or our own in the data folder, joined while it is used.

use std::path::Path;

use anyhow::{Context, bail};
use noctis_store::StoreOptions;
use noctis_store::server::{Cluster, ClusterOptions, DOWNLOAD_BASE, Durability, Reporter};

use super::progress::reporter;
use crate::config::{Config, DatabaseUrl};

/// Connections that one process opens at most; each is opened when it is first needed.
const CONNECTIONS_MAX: usize = 16;

/// Where PostgreSQL is.
#[derive(Debug)]
pub enum Server {
    /// At an address from the configuration.
    Given(DatabaseUrl),
    /// In the data folder, for as long as somebody uses it.
    Own(Box<Cluster>),
}

impl Server {
    /// Takes the address that was given, or joins our own PostgreSQL where there is one.
    ///
    /// # Errors
    /// As for [`Server::join`]; and when nothing has been made yet, what makes it.
    pub async fn join_existing(config: &Config) -> anyhow::Result<Self> {
        if config.database_url.is_none() && !Cluster::exists(&config.data_dir) {
            bail!(
                "there is no database in {}: `noctis serve` or `noctis migrate` makes it",
                config.data_dir.display()
            );
        }
        Self::join(config).await
    }

    /// Takes the address that was given, or joins our own PostgreSQL, making and starting it if need be.
    ///
    /// # Errors
    /// What [`Cluster::join`] says, or that this system has no PostgreSQL of our own.
    pub async fn join(config: &Config) -> anyhow::Result<Self> {
        match &config.database_url {
            Some(url) => Ok(Self::Given(url.clone())),
            None => Self::join_own(config).await,
        }
    }

    async fn join_own(config: &Config) -> anyhow::Result<Self> {
        // Until the server is there: whatever runs then has the terminal to itself.
        let (reporter, _line) = reporter();
        let options = cluster_options(config, reporter);
        Ok(Self::Own(Box::new(Box::pin(Cluster::join(&options)).await?)))
    }

    /// How to connect as the owner of the tables.
    ///
    /// # Errors
    /// When the address that was given cannot be read.
    pub fn store_options(&self) -> anyhow::Result<StoreOptions> {
        let config = match self {
            Self::Given(url) => url.reveal().parse().context("reading database_url")?,
            Self::Own(cluster) => cluster.owner_config(),
        };
        Ok(StoreOptions { config, connections_max: CONNECTIONS_MAX, statement_timeout: None })
    }

    /// The address for the owner of the tables, as libpq reads it, password included.
    #[must_use]
    pub fn owner_address(&self) -> String {
        match self {
            Self::Given(url) => url.reveal().to_owned(),
            Self::Own(cluster) => cluster.owner_url(),
        }
    }

    /// The address for the role that only reads. Nothing for an address that was given, since only whoever runs that
    /// server knows how the role logs in there.
    #[must_use]
    pub fn reader_address(&self) -> Option<String> {
        match self {
            Self::Given(_) => None,
            Self::Own(cluster) => Some(cluster.reader_url()),
        }
    }

    /// The folder of PostgreSQL's programs, if the server is our own.
    #[must_use]
    pub fn bin_dir(&self) -> Option<&Path> {
        match self {
            Self::Given(_) => None,
            Self::Own(cluster) => Some(cluster.bin_dir()),
        }
    }

    /// Gives up our use. The last user of our own PostgreSQL stops it.
    ///
    /// # Errors
    /// When it cannot be stopped.
    pub async fn leave(self) -> anyhow::Result<()> {
        match self {
            Self::Given(_) => Ok(()),
            Self::Own(cluster) => Ok(cluster.leave().await?),
        }
    }
}

/// Our own PostgreSQL as the configuration has it.
#[must_use]
pub fn cluster_options(config: &Config, reporter: Reporter) -> ClusterOptions {
    ClusterOptions {
        data_dir: config.data_dir.clone(),
        path: config.machine.search_path.clone(),
        home: config.machine.home.clone(),
        temp_dir: config.machine.temp_dir.clone(),
        bin_dir: None,
        listen: config.pg_listen,
        postgres_archive: config.postgres_archive.clone(),
        download_base: Some(
            config.postgres_download_url.clone().unwrap_or_else(|| DOWNLOAD_BASE.to_owned()),
        ),
        durability: Durability::On,
        reporter,
    }
}
