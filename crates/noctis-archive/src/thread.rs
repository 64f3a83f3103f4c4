//! Work that keeps a processor busy, on a thread where no server task waits for it; and what a panic there means.
//!
//! Decoding a damaged Parquet file may panic in the library. That is a damaged file, not the end of the program.

use std::sync::{Arc, Weak};

use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

use crate::{Error, Result};

/// Whether somebody still waits for the result of a thread.
pub(crate) struct Alive(Weak<()>);

impl Alive {
    /// For as long as this is kept.
    pub(crate) fn of(waiting: &Arc<()>) -> Alive {
        Alive(Arc::downgrade(waiting))
    }

    /// # Errors
    /// When nobody waits; the thread then ends.
    pub(crate) fn check(&self, path: &str) -> Result<()> {
        if self.0.strong_count() == 0 {
            return Err(given_up(path));
        }
        Ok(())
    }
}

/// Reading of this file that nobody waits for any more; nobody reads this error either.
pub(crate) fn given_up(path: &str) -> Error {
    Error::Part { path: path.to_owned(), detail: "it was given up".to_owned() }
}

/// Does something with a file on a thread of its own, which is told when nobody waits for it any more.
pub(crate) async fn on_thread<T: Send + 'static>(
    path: &str,
    work: impl AsyncFnOnce(Alive) -> Result<T> + Send + 'static,
) -> Result<T> {
    let waiting = Arc::new(());
    let alive = Alive::of(&waiting);
    let thread = spawn(async move || work(alive).await);
    let ended = thread.await;
    drop(waiting);
    ended.unwrap_or_else(|error| Err(panicked(path, error)))
}

/// Begins something on a thread of its own.
pub(crate) fn spawn<T: Send + 'static>(
    work: impl AsyncFnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(work()))
}

/// What a thread that reads this file means by giving no answer.
pub(crate) fn panicked(path: &str, error: JoinError) -> Error {
    let Ok(panic) = error.try_into_panic() else { return given_up(path) };
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words =
        words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
    Error::Damaged { path: path.to_owned(), detail: format!("it cannot be decoded: {words}") }
}
