//! Rows on their way into a `COPY ... (FORMAT BINARY)`, gathered into large pieces: with small ones, sending is a good part
//! of the work.

use std::pin::Pin;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{CopyInSink, Transaction};

use crate::{Error, Result};

/// A piece is sent when it has this many bytes; a few are on their way at a time.
const PIECE_BYTES: usize = 64 << 10;
/// What the binary form begins with: its mark, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands for the length of NULL, and for the number of fields where there are no more rows.
const NONE: i16 = -1;

/// A `COPY` that is under way. Dropped, it is cancelled, and the database keeps nothing of it.
pub(super) struct Copying<'a> {
    sink: Pin<Box<CopyInSink<Bytes>>>,
    types: &'a [Type],
    piece: BytesMut,
}

impl<'a> Copying<'a> {
    /// Begins the statement, whose columns have these types.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn begin(
        transaction: &Transaction<'_>,
        sql: &str,
        types: &'a [Type],
    ) -> Result<Copying<'a>> {
        let sink = Box::pin(transaction.copy_in(sql).await?);
        let mut piece = BytesMut::with_capacity(PIECE_BYTES);
        piece.put_slice(HEADER);
        Ok(Copying { sink, types, piece })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the database has refused one of those before, or a value is none of its column's type.
    pub(super) async fn write(&mut self, values: &[&(dyn ToSql + Sync)]) -> Result<()> {
        assert_eq!(values.len(), self.types.len(), "there is a value for each column");
        self.piece.put_i16(i16::try_from(values.len()).expect("a table has few columns"));
        for (value, type_) in values.iter().zip(self.types) {
            field(&mut self.piece, *value, type_)?;
        }
        if self.piece.len() >= PIECE_BYTES {
            let piece = std::mem::replace(&mut self.piece, BytesMut::with_capacity(PIECE_BYTES));
            self.sink.feed(piece.freeze()).await?;
        }
        Ok(())
    }

    /// Waits until the database has taken all rows.
    ///
    /// # Errors
    /// When it refuses one.
    pub(super) async fn finish(mut self) -> Result<()> {
        self.piece.put_i16(NONE);
        self.sink.feed(self.piece.freeze()).await?;
        self.sink.as_mut().finish().await?;
        Ok(())
    }
}

/// A value with its length before it.
fn field(piece: &mut BytesMut, value: &(dyn ToSql + Sync), type_: &Type) -> Result<()> {
    let refused = |error: &dyn std::fmt::Display| Error::Refused(format!("a value: {error}"));
    let at = piece.len();
    piece.put_i32(NONE.into());
    if let IsNull::No = value.to_sql_checked(type_, piece).map_err(|error| refused(&error))? {
        let length = piece.len() - at - size_of::<i32>();
        let length = i32::try_from(length).map_err(|error| refused(&error))?;
        piece[at..at + size_of::<i32>()].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}
