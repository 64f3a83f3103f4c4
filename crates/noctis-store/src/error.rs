//! What can go wrong in the store, as far as a caller can act on it.

use noctis_core::killmail::Rejected;
use noctis_core::time::TimeRange;

/// An error of the store; its text is a sentence that says what to do where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database refused: {}", describe(.0))]
    Database(#[from] tokio_postgres::Error),
    #[error("no connection to the database: {0}")]
    Pool(#[from] deadpool_postgres::PoolError),
    #[error("the database URL cannot be read: {0}")]
    Url(String),
    #[error("PostgreSQL {0} is too old: noctis needs 15 or newer")]
    ServerTooOld(String),
    #[error(
        "the connection goes through a transaction pooler, which cannot keep the session that migrations and \
         maintenance need: point DATABASE_URL at PostgreSQL itself or at a session pool"
    )]
    TransactionPooler,
    #[error(
        "this database has schema {found}, newer than the {known} this noctis knows: install a newer noctis"
    )]
    SchemaNewer { found: i32, known: i32 },
    #[error(
        "this database has schema {found}, older than the {known} this noctis needs: run `noctis migrate`"
    )]
    SchemaOlder { found: i32, known: i32 },
    #[error(
        "migration {0} was applied with another text: this noctis is not the one that made this database"
    )]
    MigrationChanged(String),
    #[error("another noctis holds the {0} lock; try again when it has finished")]
    Locked(&'static str),
    #[error("no partition could be made for {0}: {1}")]
    NoPartition(String, String),
    #[error(
        "the partition {0} takes no new killmails at present; import them again when its month has been archived"
    )]
    PartitionClosed(String),
    #[error("the tables stayed locked by others through {tries} tries; blocked by {blockers}")]
    LockBudget { tries: u32, blockers: String },
    #[error("the index {index} cannot be made: {table} has one of that name; rename that one")]
    IndexNameTaken { index: String, table: String },
    #[error(
        "the index {0} is not on every leaf yet: leaves came faster than it was built; run this again"
    )]
    IndexUnfinished(String),
    #[error("VACUUM is at work on {table} (pid {pid}); its month waits until that has finished")]
    Vacuuming { table: String, pid: i32 },
    #[error("{0} still takes new kills: it has to be closed before its rows go anywhere")]
    NotClosed(String),
    #[error("the part {part} no longer is what its leaves hold, and is archived anew: {detail}")]
    PartInvalid { part: String, detail: String },
    #[error(
        "kills of {0} are not counted yet, and stay until they are: `serve` and the end of an import count; try again then"
    )]
    NotCounted(TimeRange),
    #[error("{0}")]
    Refused(String),
    #[error("the inventory has changed since the plan was made: make a new plan")]
    PlanOutdated,
    #[error("a batch met the same killmails in other imports {0} times in a row")]
    Contention(u32),
    #[error(transparent)]
    Rejected(#[from] Rejected),
}

/// What a caller who only reads can say of an error to someone who shall not see the database's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A statement ran longer than its session allows.
    StatementTimeout,
    /// All connections stayed in use.
    PoolExhausted,
    /// The database cannot be reached, or is going down or coming up.
    Unavailable,
    /// The tables are not those this noctis knows.
    Schema,
    /// A mistake of ours.
    Other,
}

pub type Result<T> = std::result::Result<T, Error>;

/// PostgreSQL's own message, which `tokio_postgres` hides behind "db error".
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => match db.detail() {
            Some(detail) => format!("{} ({detail}) [{}]", db.message(), db.code().code()),
            None => format!("{} [{}]", db.message(), db.code().code()),
        },
        None => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
    }
}

impl Error {
    /// What this means for someone who asked a question.
    pub fn trouble(&self) -> Trouble {
        use deadpool_postgres::PoolError;
        match self {
            Error::Database(error) => trouble_of(error),
            Error::Pool(PoolError::Timeout(_)) => Trouble::PoolExhausted,
            Error::Pool(_) => Trouble::Unavailable,
            Error::SchemaNewer { .. } | Error::SchemaOlder { .. } => Trouble::Schema,
            _ => Trouble::Other,
        }
    }

    /// Whether it stops one step alone: the others may be tried.
    pub fn is_of_one_step(&self) -> bool {
        matches!(
            self,
            Error::Database(_)
                | Error::LockBudget { .. }
                | Error::NoPartition(..)
                | Error::Vacuuming { .. }
                | Error::NotClosed(_)
                | Error::PartInvalid { .. }
                | Error::NotCounted(_)
                | Error::Refused(_)
        )
    }

    /// The SQLSTATE, where PostgreSQL gave one.
    pub fn code(&self) -> Option<&tokio_postgres::error::SqlState> {
        match self {
            Error::Database(error) => error.code(),
            _ => None,
        }
    }
}

fn trouble_of(error: &tokio_postgres::Error) -> Trouble {
    use tokio_postgres::error::SqlState;
    let Some(code) = error.code() else {
        let source = std::error::Error::source(error);
        let is_io = source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return if error.is_closed() || is_io { Trouble::Unavailable } else { Trouble::Other };
    };
    match *code {
        SqlState::QUERY_CANCELED => Trouble::StatementTimeout,
        SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN => Trouble::Schema,
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS => Trouble::Unavailable,
        _ => Trouble::Other,
    }
}
