//! What can go wrong around our own PostgreSQL, each a sentence that says what to do.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What to say where there is no PostgreSQL.
const INSTALL: &str = if cfg!(target_os = "macos") {
    "run `brew install postgresql@17`, give --postgres-archive FILE"
} else {
    "run `apt-get install postgresql` or `dnf install postgresql-server postgresql-contrib`, give --postgres-archive FILE"
};

/// Why there is no PostgreSQL to talk to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable server binaries, and none could be fetched.
    #[error("no usable PostgreSQL 15 to 18 ({why}): {}, or set DATABASE_URL", INSTALL)]
    NoBinaries {
        /// What was looked at and why it did not do.
        why: String,
    },
    /// The data folder was made by a version whose binaries are not here any more.
    #[error("{data} was made by PostgreSQL {major} and its binaries are gone: install {package}", data = data_dir.display())]
    VersionGone {
        /// The data folder.
        data_dir: PathBuf,
        /// The major version that made it.
        major: u32,
        /// The package that carries those binaries.
        package: String,
    },
    /// The portable archive could not be fetched, checked or unpacked.
    #[error("the PostgreSQL archive {name} {problem}")]
    Archive {
        /// The file or address.
        name: String,
        /// What is wrong with it, as the rest of the sentence.
        problem: String,
    },
    /// We are root and there is no account to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root and there is no account for it: run `useradd --system noctis`"
    )]
    NoAccount,
    /// The account PostgreSQL runs as cannot pass a folder on the way.
    #[error(
        "PostgreSQL runs as {account}, which cannot pass {folder}: choose another --data-dir or run `chmod o+x {folder}`",
        folder = folder.display()
    )]
    Impassable {
        /// The account's name.
        account: String,
        /// The first folder it cannot pass.
        folder: PathBuf,
    },
    /// A folder that must be ours belongs to somebody else.
    #[error("{folder} belongs to another user: remove it or choose another folder", folder = folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
    },
    /// A path that PostgreSQL's programs, its configuration or a URL of it cannot take.
    #[error(
        "PostgreSQL cannot run in {}: choose a --data-dir of UTF-8 without any of \" \\ $ ` ,",
        path.display()
    )]
    OddPath {
        /// The path.
        path: PathBuf,
    },
    /// Listening was asked for on an address others could reach, or without a port.
    #[error(
        "PostgreSQL listens on a loopback address and a port only, not on {address}: try 127.0.0.1:5433"
    )]
    NotLoopback {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The running server was started without the listening that is asked for now.
    #[error("the PostgreSQL of {data} runs already and does not listen on {address}: stop the other noctis commands first", data = data_dir.display())]
    NotListening {
        /// The data folder.
        data_dir: PathBuf,
        /// What was asked for.
        address: SocketAddr,
    },
    /// Another `serve` has the folder.
    #[error("noctis serve runs already on {data}{process}: stop it, or give another --data-dir", data = data_dir.display())]
    Serving {
        /// The data folder.
        data_dir: PathBuf,
        /// " (process 123)", or empty if it did not say.
        process: String,
    },
    /// Another process kept the start lock for longer than any start takes.
    #[error("another noctis command has been starting or stopping the PostgreSQL of {data} for {seconds} s: end it and try again", data = data_dir.display())]
    Busy {
        /// The data folder.
        data_dir: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// One of PostgreSQL's own programs is not beside the server.
    #[error("{folder} has no {program}: install the client and upgrade packages of that PostgreSQL version", folder = folder.display())]
    NoProgram {
        /// Its name.
        program: &'static str,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A copy would not fit.
    #[error("{folder} has room for {free} MB and {needed} MB are needed: make room, or choose another folder", folder = folder.display(), free = free >> 20, needed = bytes.div_ceil(1 << 20))]
    NoRoom {
        /// Where the copy should go.
        folder: PathBuf,
        /// What is needed.
        bytes: u64,
        /// What is free.
        free: u64,
    },
    /// A cluster is where another one should come.
    #[error("{folder} exists already: choose another --data-dir", folder = folder.display())]
    ClusterExists {
        /// The cluster.
        folder: PathBuf,
    },
    /// A cluster with files elsewhere, of which noctis makes none.
    #[error("{path} is a table space of your own, which noctis does not copy: use pg_basebackup with --tablespace-mapping", path = path.display())]
    TableSpace {
        /// The link.
        path: PathBuf,
    },
    /// The place for the cluster that an upgrade puts aside is taken.
    #[error("{folder} is there from an earlier upgrade: remove it, or move it away", folder = folder.display())]
    KeptExists {
        /// The earlier cluster.
        folder: PathBuf,
    },
    /// A folder that should hold a cluster holds none.
    #[error("{folder} is no PostgreSQL data folder: it has no PG_VERSION", folder = folder.display())]
    NoCluster {
        /// The folder.
        folder: PathBuf,
    },
    /// Somebody uses a cluster that must be still.
    #[error("another noctis command uses {data}: end it (`noctis serve` too) and try again", data = data_dir.display())]
    InUse {
        /// The data folder.
        data_dir: PathBuf,
    },
    /// There is nothing newer that noctis knows.
    #[error("{data} is on PostgreSQL {major} already, the newest that noctis knows", data = data_dir.display())]
    Newest {
        /// The data folder.
        data_dir: PathBuf,
        /// What it is on.
        major: u32,
    },
    /// There is nothing newer to upgrade to.
    #[error("{data} is on PostgreSQL {major} and no newer one up to 18 is here ({why}): install postgresql-18, or give --postgres-archive FILE", data = data_dir.display())]
    NothingNewer {
        /// The data folder.
        data_dir: PathBuf,
        /// What it is on.
        major: u32,
        /// What was looked at and did not do.
        why: String,
    },
    /// The newer server cannot read what the older one compressed.
    #[error("PostgreSQL {version} in {folder} was built without lz4, in which the data is compressed: use another build", folder = folder.display())]
    NoLz4 {
        /// The newer version.
        version: String,
        /// Its binaries.
        folder: PathBuf,
    },
    /// One of PostgreSQL's own programs failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Its name.
        program: String,
        /// The last lines of what it said.
        said: String,
    },
    /// The server does not come up, or does not answer.
    #[error("PostgreSQL did not become ready within {seconds} s: see {log}, then try again", log = log.display())]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
    /// The server answered with an error where none was expected.
    #[error("setting up the roles of our PostgreSQL failed, see its log beside the data")]
    Database(#[from] tokio_postgres::Error),
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// The verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// This system has no cluster of our own.
    #[error("noctis runs its own PostgreSQL on Linux and macOS only: set DATABASE_URL")]
    Unsupported,
}

/// Adds what was being done to which path.
pub(super) fn io(action: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}
