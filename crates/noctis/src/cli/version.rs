//! `noctis --version`: which noctis this is and, with `--long`, whose its parts are.

use std::io::Write;

use crate::database::catalogue;

/// What the licences come to, for people who only have the binary.
const LICENCES: &str = "\
The code is under the MIT licence or the Apache License 2.0, as you like.
EVE Online's static data in this binary is CCP's, under CCP's developer licence
(https://developers.eveonline.com/license-agreement): use is non-commercial, and
each host of the data accepts it for himself. So are killmails and names.
EVE Online is a trademark of CCP hf.; noctis is not made, endorsed or checked by CCP.";

/// Answers on `out`.
///
/// # Errors
/// When `out` is closed.
pub(super) fn print(long: bool, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "noctis {}", env!("CARGO_PKG_VERSION"))?;
    if long {
        writeln!(out, "static data of EVE Online, build {}\n\n{LICENCES}", catalogue().build)?;
    }
    Ok(())
}
