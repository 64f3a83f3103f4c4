//! Takes rows out of a binary `COPY` stream, however it is cut into chunks.

use super::{NULL, SIGNATURE, TRAILER};

/// The longest row that is read; a killmail's body is far below it.
pub(super) const ROW_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The longest extension of a header that is skipped.
const EXTENSION_BYTES_MAX: usize = 64 * 1024;
/// Signature, flags, length of the extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;

/// One row: its values as `COPY` has them.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    bytes: &'a [u8],
    /// Where each value's length stands in the bytes, and the value's end.
    fields: &'a [(usize, usize)],
    number: u64,
}

impl<'a> Row<'a> {
    /// The number of the row in its stream, from 1 up.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// A value; None when it is null.
    ///
    /// # Panics
    /// When the row has no such column: the decoder has checked their number.
    pub fn value(&self, column: usize) -> Option<&'a [u8]> {
        let framed = self.framed(column);
        let is_null = framed[..4] == NULL.to_be_bytes();
        (!is_null).then(|| &framed[4..])
    }

    /// A value behind its length, which is -1 for null.
    pub(crate) fn framed(&self, column: usize) -> &'a [u8] {
        let (from, to) = self.fields[column];
        &self.bytes[from..to]
    }

    /// All values behind their lengths.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Header,
    Rows,
    End,
}

/// Takes rows out of a stream.
#[derive(Debug)]
pub struct Decoder {
    columns: usize,
    at: At,
    /// The beginning of what is not complete yet.
    pending: Vec<u8>,
    fields: Vec<(usize, usize)>,
    rows: u64,
}

impl Decoder {
    /// For rows of so many columns.
    pub fn new(columns: usize) -> Decoder {
        Decoder { columns, at: At::Header, pending: vec![], fields: vec![], rows: 0 }
    }

    /// Rows that were complete up to now.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads on; every row that is complete now is handed over.
    ///
    /// # Errors
    /// When this is no such stream, and whatever the receiver says.
    pub fn push<E: From<Malformed>>(
        &mut self,
        chunk: &[u8],
        mut receive: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.pending.is_empty() {
            let used = self.read(chunk, &mut receive)?;
            self.pending.extend_from_slice(&chunk[used..]);
        } else {
            let mut pending = std::mem::take(&mut self.pending);
            pending.extend_from_slice(chunk);
            let used = self.read(&pending, &mut receive)?;
            pending.drain(..used);
            self.pending = pending;
        }
        if self.pending.len() > ROW_BYTES_MAX {
            let row = self.rows + 1;
            return Err(Malformed(format!("row {row} is longer than {ROW_BYTES_MAX} bytes")).into());
        }
        Ok(())
    }

    /// The number of rows, when the stream has come to its end.
    ///
    /// # Errors
    /// When the end has not come.
    pub fn finish(&self) -> Result<u64, Malformed> {
        match self.at {
            At::End => Ok(self.rows),
            At::Header | At::Rows => {
                let rows = self.rows;
                Err(Malformed(format!("the stream of rows ends in the middle, after {rows} rows")))
            }
        }
    }

    /// Reads what is complete; returns how many bytes that was.
    fn read<E: From<Malformed>>(
        &mut self,
        bytes: &[u8],
        receive: &mut impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut used = 0;
        if self.at == At::Header {
            let Some(length) = header_length(bytes)? else { return Ok(0) };
            used = length;
            self.at = At::Rows;
        }
        while self.at == At::Rows {
            let rest = &bytes[used..];
            let Some(count) = int2(rest) else { break };
            if count == TRAILER {
                self.at = At::End;
                used += 2;
                break;
            }
            if usize::try_from(count) != Ok(self.columns) {
                let (row, columns) = (self.rows + 1, self.columns);
                let text = format!("row {row} has {count} columns instead of {columns}");
                return Err(Malformed(text).into());
            }
            let Some(end) = self.find_fields(&rest[2..])? else { break };
            self.rows += 1;
            receive(Row { bytes: &rest[2..2 + end], fields: &self.fields, number: self.rows })?;
            used += 2 + end;
        }
        if self.at == At::End && used < bytes.len() {
            return Err(Malformed("something follows the end of the rows".to_owned()).into());
        }
        Ok(used)
    }

    /// Finds the values of a row, and where it ends; None when it is not complete.
    fn find_fields(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        self.fields.clear();
        let mut at = 0;
        for _ in 0..self.columns {
            let Some(length) = int4(&bytes[at..]) else { return Ok(None) };
            let length = match usize::try_from(length) {
                Ok(length) => length,
                Err(_) if length == NULL => 0,
                Err(_) => {
                    let row = self.rows + 1;
                    return Err(Malformed(format!("row {row} has a value of {length} bytes")));
                }
            };
            let end = at + 4 + length;
            if end > ROW_BYTES_MAX {
                let row = self.rows + 1;
                return Err(Malformed(format!("row {row} is longer than {ROW_BYTES_MAX} bytes")));
            }
            if end > bytes.len() {
                return Ok(None);
            }
            self.fields.push((at, end));
            at = end;
        }
        Ok(Some(at))
    }
}

/// How long the header is; None when it is not complete.
fn header_length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let known = bytes.len().min(SIGNATURE.len());
    if bytes[..known] != SIGNATURE[..known] {
        return Err(Malformed("these are no rows in the binary form of PostgreSQL".to_owned()));
    }
    if bytes.len() < HEADER_BYTES {
        return Ok(None);
    }
    let (flags, extension) = (int4(&bytes[SIGNATURE.len()..]), int4(&bytes[SIGNATURE.len() + 4..]));
    if flags != Some(0) {
        return Err(Malformed("its header has flags that are not known".to_owned()));
    }
    let extension = usize::try_from(extension.unwrap_or(0)).unwrap_or(usize::MAX);
    if extension > EXTENSION_BYTES_MAX {
        return Err(Malformed("its header is too long".to_owned()));
    }
    let length = HEADER_BYTES + extension;
    Ok((bytes.len() >= length).then_some(length))
}

fn int2(bytes: &[u8]) -> Option<i16> {
    bytes.first_chunk().map(|bytes| i16::from_be_bytes(*bytes))
}

fn int4(bytes: &[u8]) -> Option<i32> {
    bytes.first_chunk().map(|bytes| i32::from_be_bytes(*bytes))
}

/// What is wrong with a stream of rows.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);
