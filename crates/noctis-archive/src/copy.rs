//! Rows as PostgreSQL's binary `COPY` has them: out of a stream cut anywhere, and into one.

mod decode;
mod encode;

pub use decode::{Decoder, Malformed, Row};
pub(crate) use encode::Encoder;

/// What every stream begins with; flags and the length of an extension, both zero, follow.
const SIGNATURE: [u8; 11] = *b"PGCOPY\n\xff\r\n\0";
/// In place of a number of columns: the end.
const TRAILER: i16 = -1;
/// In place of a value's length: it is null.
const NULL: i32 = -1;
