//! What can go wrong when kills are read from tables and archive.

/// An error; its text is a sentence that says what to do where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] noctis_store::Error),
    #[error(
        "the archived month {month} cannot be read ({source}); `noctis archive verify` tells more, and questions about \
         other months are answered"
    )]
    Archive { month: String, source: noctis_archive::Error },
    #[error("{month} is in the archive, and no archive is configured: set archive.dir")]
    NoArchive { month: String },
    #[error("months moved between tables and archive each time this was read; try again soon")]
    Moving,
    #[error(
        "the archived months of this question take too long to read, or too many others read them; ask for a shorter time \
         between from and to, or try again soon"
    )]
    TooSlow,
}

/// A result of reading kills.
pub type Result<T> = std::result::Result<T, Error>;

impl From<noctis_core::killmail::Rejected> for Error {
    fn from(rejected: noctis_core::killmail::Rejected) -> Error {
        Error::Store(rejected.into())
    }
}
