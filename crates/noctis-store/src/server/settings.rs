//! The server's settings for this machine, as the text of `noctis.conf`; rewritten at every start.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::error::Error;
use super::layout::plain;
use super::options::Durability;

const MB: u64 = 1 << 20;
const GB: u64 = 1 << 30;

/// Below this, parallel queries run out of a container's shared memory, and files do instead.
const SHARED_MEMORY_MIN: u64 = GB;

/// What is assumed where the machine does not tell its memory.
const MEMORY_ASSUMED: u64 = 2 * GB;

/// What the settings depend on.
#[derive(Clone, Debug)]
pub(super) struct Settings<'a> {
    pub(super) memory_bytes: u64,
    pub(super) shared_memory_bytes: u64,
    pub(super) lz4: bool,
    pub(super) durability: Durability,
    pub(super) listen: Option<SocketAddr>,
    pub(super) run: &'a Path,
    pub(super) access: &'a Path,
}

/// The port, which names the socket too, where nothing else is asked for.
pub(super) const PORT: u16 = 5432;

impl Settings<'_> {
    /// The text of the file.
    ///
    /// # Errors
    /// [`Error::OddPath`] for a path that PostgreSQL cannot take.
    pub(super) fn render(&self) -> Result<String, Error> {
        let memory = self.memory_bytes;
        let mut text = String::from(
            "# Written by noctis at every start: change postgresql.conf instead, after its include.\n",
        );
        let mut set = |name: &str, value: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name} = {value}");
        };
        set(
            "listen_addresses",
            quoted(&self.listen.map_or(String::new(), |address| address.ip().to_string())),
        );
        set("port", self.listen.map_or(PORT, |address| address.port()).to_string());
        set("unix_socket_directories", quoted(&format!("\"{}\"", plain(self.run)?)));
        set("unix_socket_permissions", "0700".into());
        set("hba_file", quoted(plain(self.access)?));
        set("password_encryption", "'scram-sha-256'".into());
        let (connections, buffers, log) = match self.durability {
            Durability::On => {
                (100, (memory / 4).clamp(128 * MB, 8 * GB), (memory / 4).clamp(GB, 8 * GB))
            }
            // Many test processes share one small server.
            Durability::Off => (300, 128 * MB, GB),
        };
        set("max_connections", connections.to_string());
        set("shared_buffers", megabytes(buffers));
        set("effective_cache_size", megabytes((memory / 4 * 3).max(256 * MB)));
        set("maintenance_work_mem", megabytes((memory / 16).clamp(64 * MB, 2 * GB)));
        set("work_mem", megabytes((memory / 400).clamp(4 * MB, 64 * MB)));
        set("max_wal_size", megabytes(log));
        set("checkpoint_timeout", "'15min'".into());
        // A question over all months locks every leaf and its indexes.
        set("max_locks_per_transaction", "512".into());
        set("random_page_cost", "1.1".into());
        // Compiling a plan over hundreds of partitions takes longer than running it.
        set("jit", "off".into());
        if self.shared_memory_bytes < SHARED_MEMORY_MIN {
            set("dynamic_shared_memory_type", "mmap".into());
        }
        if self.lz4 {
            set("default_toast_compression", "lz4".into());
            set("wal_compression", "lz4".into());
        }
        let durable = if self.durability == Durability::On { "on" } else { "off" };
        for name in ["fsync", "full_page_writes", "synchronous_commit"] {
            set(name, durable.into());
        }
        set("timezone", "'UTC'".into());
        set("log_timezone", "'UTC'".into());
        set("log_line_prefix", "'%m [%p] %q%u@%d '".into());
        Ok(text)
    }
}

/// Who may connect: everyone who can pass the socket's folder, for a base backup too, and by password on loopback our two
/// roles.
pub(super) const ACCESS: &str = "\
# Written by noctis at every start. The socket's folder is closed to others, so the socket trusts.
local all all trust
local replication postgres trust
host all noctis,noctis_read 127.0.0.0/8 scram-sha-256
host all noctis,noctis_read ::1/128 scram-sha-256
";

fn megabytes(bytes: u64) -> String {
    format!("'{}MB'", bytes / MB)
}

/// A value in the quotes of PostgreSQL's configuration files.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// The memory this process may use, in bytes: the machine's, or less if a container says so.
pub(super) fn memory_bytes() -> u64 {
    let machine = if cfg!(target_os = "macos") { memory_of_macos() } else { memory_of_linux() };
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let limit = limit.and_then(|text| text.trim().parse::<u64>().ok());
    machine.unwrap_or(MEMORY_ASSUMED).min(limit.unwrap_or(u64::MAX))
}

fn memory_of_linux() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn memory_of_macos() -> Option<u64> {
    let output =
        std::process::Command::new("/usr/sbin/sysctl").args(["-n", "hw.memsize"]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The size of the shared memory file system, in bytes; unbounded where there is none to run out of.
pub(super) fn shared_memory_bytes() -> u64 {
    let Ok(found) = rustix::fs::statvfs("/dev/shm") else { return u64::MAX };
    found.f_blocks.saturating_mul(found.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(memory_bytes: u64, shared_memory_bytes: u64, run: &str) -> Result<String, Error> {
        let settings = Settings {
            memory_bytes,
            shared_memory_bytes,
            lz4: false,
            durability: Durability::On,
            listen: None,
            run: Path::new(run),
            access: Path::new("/data/pg_hba.conf"),
        };
        settings.render()
    }

    #[test]
    fn memory_settings_follow_the_machine_within_bounds() {
        let small = rendered(GB / 4, u64::MAX, "/data/run").unwrap();
        assert!(
            small.contains("shared_buffers = '128MB'\n") && small.contains("work_mem = '4MB'\n"),
            "{small}"
        );
        let middle = rendered(16 * GB, u64::MAX, "/data/run").unwrap();
        assert!(middle.contains("shared_buffers = '4096MB'\n"), "{middle}");
        assert!(middle.contains("effective_cache_size = '12288MB'\n"), "{middle}");
        assert!(!middle.contains("lz4") && !middle.contains("mmap"), "{middle}");
        let large = rendered(1024 * GB, u64::MAX, "/data/run").unwrap();
        assert!(
            large.contains("shared_buffers = '8192MB'\n") && large.contains("work_mem = '64MB'\n"),
            "{large}"
        );
    }

    #[test]
    fn a_container_with_little_shared_memory_uses_files() {
        let text = rendered(GB, 64 * MB, "/data/run").unwrap();
        assert!(text.contains("dynamic_shared_memory_type = mmap\n"), "{text}");
    }

    #[test]
    fn a_path_cannot_add_settings() {
        let text = rendered(GB, GB, "/it's 'odd'").unwrap();
        let expected = r#"unix_socket_directories = '"/it''s ''odd''"'"#;
        assert!(text.contains(expected), "{text}");
        for odd in ["/a\nfsync = off", "/a\"b", "/a\\b", "/$(id)", "/`id`"] {
            assert!(matches!(rendered(GB, GB, odd), Err(Error::OddPath { .. })), "{odd}");
        }
    }
}
