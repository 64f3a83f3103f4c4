//! What files are packed in, recognised by their first bytes, never by their names: gzip, bzip2, zstd, tar.

use std::io::{Cursor, Error, ErrorKind, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use super::Trouble;

/// How often a file may be packed in another: a tar of gzipped files that is compressed itself needs three.
const LAYERS_MAX: usize = 6;
/// The length of a tar header, the longest beginning that is looked at.
const HEAD_BYTES: usize = 512;

/// What the first bytes of a stream say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Gzip,
    Bzip2,
    Zstd,
    Tar,
    Plain,
}

impl Layer {
    fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            // A block follows, or at once the end.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => {
                Self::Bzip2
            }
            // A frame, or one to be skipped, as parallel compressors write first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ if is_tar(head) => Self::Tar,
            _ => Self::Plain,
        }
    }
}

/// By the magic of POSIX and GNU, or by the checksum where an old tar wrote no magic.
fn is_tar(head: &[u8]) -> bool {
    if head.len() < HEAD_BYTES {
        return false;
    }
    if &head[257..262] == b"ustar" {
        return true;
    }
    let digits = std::str::from_utf8(&head[148..156]).unwrap_or_default();
    let digits = digits.trim_matches(|c: char| c == ' ' || c == '\0');
    let sum: u32 = head.iter().map(|&byte| u32::from(byte)).sum();
    let own: u32 = head[148..156].iter().map(|&byte| u32::from(byte)).sum();
    // The checksum counts its own field as eight spaces.
    u32::from_str_radix(digits, 8).is_ok_and(|told| told == sum - own + 8 * 32)
}

/// Takes a stream that is packed in nothing more, and its name.
type Plain<'a> = dyn FnMut(Box<dyn Read + '_>, &str) -> Result<(), Trouble> + 'a;

/// Reads a stream whatever it is packed in, and hands on what it holds: one stream, or each file of an archive.
pub(crate) fn unpack(
    stream: Box<dyn Read + '_>,
    name: &str,
    plain: &mut Plain<'_>,
) -> Result<(), Trouble> {
    Layers { plain }.layer(stream, name, 0)
}

struct Layers<'a, 'p> {
    plain: &'a mut Plain<'p>,
}

impl Layers<'_, '_> {
    fn layer(
        &mut self,
        mut stream: Box<dyn Read + '_>,
        name: &str,
        depth: usize,
    ) -> Result<(), Trouble> {
        if depth > LAYERS_MAX {
            return Err(Trouble::Broken(format!("{name} is packed more than {LAYERS_MAX} times")));
        }
        let mut head = Vec::with_capacity(HEAD_BYTES);
        stream.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let layer = Layer::of(&head);
        let whole = Cursor::new(head).chain(stream);
        let unpacked: Box<dyn Read + '_> = match layer {
            Layer::Plain => return (self.plain)(Box::new(whole), name),
            Layer::Tar => return self.archive(Box::new(whole), name, depth),
            Layer::Gzip => Box::new(MultiGzDecoder::new(whole)),
            Layer::Bzip2 => Box::new(MultiBzDecoder::new(whole)),
            Layer::Zstd => Box::new(zstd::Decoder::new(whole)?),
        };
        self.layer(Box::new(Unpacked(unpacked)), name, depth + 1)
    }

    /// Reads each file of an archive as a stream of its own.
    fn archive(
        &mut self,
        stream: Box<dyn Read + '_>,
        name: &str,
        depth: usize,
    ) -> Result<(), Trouble> {
        let broken = |error: Error| Trouble::Broken(format!("the archive is broken: {error}"));
        let mut archive = tar::Archive::new(stream);
        for entry in archive.entries().map_err(broken)? {
            let entry = entry.map_err(broken)?;
            let path = entry.path_bytes().into_owned();
            let file_name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            if !entry.header().entry_type().is_file() || file_name.starts_with(b".") {
                continue;
            }
            let name = format!("{name}:{}", String::from_utf8_lossy(&path));
            let whole = Whole { left: entry.size(), entry };
            self.layer(Box::new(whole), &name, depth + 1)?;
        }
        Ok(())
    }
}

/// Says of an error that it was met while unpacking.
struct Unpacked<'a>(Box<dyn Read + 'a>);

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            ErrorKind::Interrupted => error,
            kind => Error::new(kind, format!("the compressed data is broken or cut off: {error}")),
        })
    }
}

/// A file of an archive, whose early end is an error and not the end of the file.
struct Whole<R> {
    entry: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.entry.read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the archive is cut off"));
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killmail_is_none_of_the_packings() {
        let body = format!("{{\"killmail_id\":1,{}}}", " ".repeat(600));
        for head in [body.as_bytes(), b"", b"BZh9 is no bzip2", b"[", &[0; 512]] {
            assert_eq!(Layer::of(&head[..head.len().min(HEAD_BYTES)]), Layer::Plain);
        }
    }

    #[test]
    fn tars_old_and_new_are_known_by_their_headers() {
        for header in [tar::Header::new_ustar(), tar::Header::new_gnu(), tar::Header::new_old()] {
            let mut header = header;
            header.set_path("killmails/1.json").unwrap();
            header.set_size(3);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_cksum();
            assert_eq!(Layer::of(header.as_bytes()), Layer::Tar);
        }
    }
}
