//! What an upgrade that was cut off leaves, settled by whoever takes the start lock next.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::server::error::{Error, io};
use crate::server::layout::Layout;
use crate::server::postmaster::{Answer, Postmaster};

/// How long a server that the upgrade had started may take to end.
const END_WAIT: Duration = Duration::from_secs(60);

/// How often it is looked at.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The new cluster while it is being made: worth nothing to anyone else.
pub(super) fn building(layout: &Layout) -> PathBuf {
    layout.data.join("postgres.upgrading")
}

/// The new cluster when it is whole and the old one not yet put aside, or just so.
pub(super) fn whole(layout: &Layout) -> PathBuf {
    layout.data.join("postgres.upgraded")
}

/// Where `pg_upgrade` runs, since it leaves a script there.
pub(super) fn workplace(layout: &Layout) -> PathBuf {
    layout.data.join("postgres.upgrade")
}

/// Whether there is a cluster, be it one that an upgrade was about to give its place.
pub(in crate::server) fn is_any(data: &std::path::Path) -> bool {
    ["postgres", "postgres.upgraded"].iter().any(|name| data.join(name).join("PG_VERSION").exists())
}

/// Brings the folder to a state before or after the upgrade; to be called under the start lock.
///
/// As long as the old cluster has its place it counts, since it may have been written to meanwhile.
pub(in crate::server) async fn settle(layout: &Layout) -> Result<(), Error> {
    let (building, whole, work) = (building(layout), whole(layout), workplace(layout));
    if building.exists() {
        // Nobody else's: who joined since has settled this first.
        end_server_of(&layout.postgres, layout).await?;
        end_server_of(&building, layout).await?;
        fs::remove_dir_all(&building).map_err(io("remove", &building))?;
    }
    if whole.exists() && layout.postgres.exists() {
        fs::remove_dir_all(&whole).map_err(io("remove", &whole))?;
    } else if whole.exists() {
        fs::rename(&whole, &layout.postgres).map_err(io("move into place", &whole))?;
    }
    if work.exists() {
        fs::remove_dir_all(&work).map_err(io("remove", &work))?;
    }
    Ok(())
}

/// Ends the server that `pg_upgrade` had running when it was killed.
async fn end_server_of(postgres: &std::path::Path, layout: &Layout) -> Result<(), Error> {
    let Some(postmaster) = Postmaster::read(postgres)?.filter(Postmaster::is_alive) else {
        return Ok(());
    };
    if let Answer::Silent = postmaster.ask().await {
        // Another process has its number.
        return Ok(());
    }
    if let Some(pid) = Pid::from_raw(postmaster.pid) {
        let _ = kill_process(pid, Signal::INT);
    }
    let began = Instant::now();
    while postmaster.is_alive() {
        if began.elapsed() > END_WAIT {
            return Err(Error::InUse { data_dir: layout.data.clone() });
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    Ok(())
}
