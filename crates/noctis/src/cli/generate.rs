//! `noctis generate`: synthetic killmails as NDJSON, the same for the same seed.

use std::io::Write;

use anyhow::Context;
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::time::parse_time;

use crate::clock;
use crate::database::catalogue;

/// Bytes gathered before they are written.
const CHUNK_BYTES: usize = 256 << 10;

/// Writes killmails to standard output, one a line. Their ids are above all real ones.
#[derive(Clone, Debug, clap::Args)]
pub struct GenerateArgs {
    /// How many
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    kills: u64,
    /// The first time: 2024-01-01, or 365d for so long ago
    #[arg(long, value_name = "TIME", default_value = "365d")]
    from: String,
    /// The last time
    #[arg(long, value_name = "TIME", default_value = "0s")]
    to: String,
    /// Equal seeds and times, equal killmails
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Add what real mails lack: a character twice, ids against the order of time, quantities above 2^31
    #[arg(long)]
    oddities: bool,
    /// Write them as zKillboard does, with values
    #[arg(long)]
    zkb: bool,
}

/// Writes to `out`.
///
/// # Errors
/// When a time cannot be read, nothing can be generated, or `out` is closed.
pub fn run(args: &GenerateArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let now = clock::now();
    let time = |text: &str| {
        parse_time(text, now).with_context(|| {
            format!("`{text}` is no time; 2024-01-01 is one, and 365d, which is so long ago")
        })
    };
    let options = Options {
        kills: args.kills,
        from: time(&args.from)?,
        to: time(&args.to)?,
        seed: args.seed,
        oddities: args.oddities,
        zkb: args.zkb,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options)?;
    let mut chunk = Vec::with_capacity(CHUNK_BYTES * 2);
    while generator.write_next(&mut chunk) {
        if chunk.len() >= CHUNK_BYTES {
            out.write_all(&chunk)?;
            chunk.clear();
        }
    }
    out.write_all(&chunk)?;
    Ok(out.flush()?)
}
