//! The two roles and the database in our own cluster, made if they are not there, and their passwords.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tokio_postgres::{Client, NoTls};

use super::error::{Error, io};
use super::postmaster::Postmaster;
use super::{DATABASE, OWNER, READER};

const ROLE_EXISTS: &str = include_str!("../../sql/server/role_exists.sql");
const DATABASE_EXISTS: &str = include_str!("../../sql/server/database_exists.sql");

/// Makes what is missing; `passwords` are set for logging in over loopback.
pub(super) async fn ensure(
    postmaster: &Postmaster,
    passwords: Option<&Passwords>,
) -> Result<(), Error> {
    let (client, connection) = postmaster.superuser_config().connect(NoTls).await?;
    let task = tokio::spawn(connection);
    let done = ensure_over(&client, passwords).await;
    drop(client);
    task.abort();
    done
}

async fn ensure_over(client: &Client, passwords: Option<&Passwords>) -> Result<(), Error> {
    if !exists(client, ROLE_EXISTS, OWNER).await? {
        client.batch_execute(include_str!("../../sql/server/create_owner.sql")).await?;
    }
    if !exists(client, ROLE_EXISTS, READER).await? {
        client.batch_execute(include_str!("../../sql/server/create_reader.sql")).await?;
    }
    client.batch_execute(include_str!("../../sql/server/reader_settings.sql")).await?;
    if !exists(client, DATABASE_EXISTS, DATABASE).await? {
        client.batch_execute(include_str!("../../sql/server/create_database.sql")).await?;
    }
    if let Some(passwords) = passwords {
        for (role, password) in [(OWNER, &passwords.owner), (READER, &passwords.reader)] {
            let statement = include_str!("../../sql/server/password_statement.sql");
            let statement: String = client.query_one(statement, &[&role, password]).await?.get(0);
            client.batch_execute(&statement).await?;
        }
    }
    Ok(())
}

async fn exists(client: &Client, query: &str, name: &str) -> Result<bool, Error> {
    Ok(client.query_one(query, &[&name]).await?.get(0))
}

/// The passwords of the two roles, for loopback only.
#[derive(Clone)]
pub(super) struct Passwords {
    pub(super) owner: String,
    pub(super) reader: String,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Passwords(hidden)")
    }
}

impl Passwords {
    /// Reads them, if they were made; the file has libpq's password file form.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io("read", path)(source)),
        };
        let of = |role: &str| {
            let prefix = format!("*:*:*:{role}:");
            text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
        };
        Ok(of(OWNER).zip(of(READER)).map(|(owner, reader)| Self { owner, reader }))
    }

    /// Reads them, or makes them of 122 random bits each and writes them readable for us alone.
    pub(super) fn read_or_make(path: &Path) -> Result<Self, Error> {
        if let Some(passwords) = Self::read(path)? {
            return Ok(passwords);
        }
        let fresh = || uuid::Uuid::new_v4().simple().to_string();
        let passwords = Self { owner: fresh(), reader: fresh() };
        let unfinished = path.with_extension("new");
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)
            .map_err(io("write", &unfinished))?;
        let text =
            format!("*:*:*:{OWNER}:{}\n*:*:*:{READER}:{}\n", passwords.owner, passwords.reader);
        file.write_all(text.as_bytes()).map_err(io("write", &unfinished))?;
        fs::rename(&unfinished, path).map_err(io("write", path))?;
        Ok(passwords)
    }
}
