//! Columns of a batch: found by their names once, then read a row at a time. A column that was not read holds nothing.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, ListArray, PrimitiveArray, RecordBatch, StringArray,
};
use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;

/// A batch whose columns have the types of the tables, as `Table::read` gives it.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a>(pub(super) &'a RecordBatch);

/// One column, if it was read.
pub(super) struct Column<'a, A>(Option<&'a A>);

pub(super) type Numbers<'a, T> = Column<'a, PrimitiveArray<T>>;
pub(super) type Amounts<'a> = Column<'a, PrimitiveArray<Decimal128Type>>;
pub(super) type Times<'a> = Column<'a, PrimitiveArray<TimestampMicrosecondType>>;
pub(super) type Flags<'a> = Column<'a, BooleanArray>;
pub(super) type Texts<'a> = Column<'a, StringArray>;
pub(super) type Lists<'a> = Column<'a, ListArray>;

impl<'a> Columns<'a> {
    fn array(self, name: &str) -> Option<&'a ArrayRef> {
        self.0.column_by_name(name)
    }

    pub(super) fn int8(self, name: &str) -> Numbers<'a, Int64Type> {
        Column(self.array(name).map(|array| array.as_primitive()))
    }

    pub(super) fn int4(self, name: &str) -> Numbers<'a, Int32Type> {
        Column(self.array(name).map(|array| array.as_primitive()))
    }

    pub(super) fn flags(self, name: &str) -> Flags<'a> {
        Column(self.array(name).map(|array| array.as_boolean()))
    }

    pub(super) fn texts(self, name: &str) -> Texts<'a> {
        Column(self.array(name).map(|array| array.as_string()))
    }

    pub(super) fn bytes(self, name: &str) -> Column<'a, BinaryArray> {
        Column(self.array(name).map(|array| array.as_binary()))
    }

    pub(super) fn amounts(self, name: &str) -> Amounts<'a> {
        Column(self.array(name).map(|array| array.as_primitive()))
    }

    pub(super) fn times(self, name: &str) -> Times<'a> {
        Column(self.array(name).map(|array| array.as_primitive()))
    }

    pub(super) fn dates(self, name: &str) -> Numbers<'a, Date32Type> {
        Column(self.array(name).map(|array| array.as_primitive()))
    }

    pub(super) fn lists(self, name: &str) -> Lists<'a> {
        Column(self.array(name).map(|array| array.as_list()))
    }

    pub(super) fn is_list(self, name: &str) -> bool {
        self.array(name).is_some_and(|array| array.as_list_opt::<i32>().is_some())
    }

    pub(super) fn keys(self) -> Keys<'a> {
        Keys { times: self.times("timestamp"), ids: self.int8("killmail_id") }
    }
}

/// Which kills the rows are of.
pub(super) struct Keys<'a> {
    pub(super) times: Times<'a>,
    ids: Numbers<'a, Int64Type>,
}

impl Keys<'_> {
    pub(super) fn at(&self, row: usize) -> Option<Key> {
        Some((self.times.time(row)?, self.ids.at(row)?))
    }
}

impl<'a, A: Array> Column<'a, A> {
    /// The column, where it was read and the row has a value.
    fn with(&self, row: usize) -> Option<&'a A> {
        self.0.filter(|array| array.is_valid(row))
    }
}

impl<T: ArrowPrimitiveType> Numbers<'_, T> {
    pub(super) fn at(&self, row: usize) -> Option<T::Native> {
        Some(self.with(row)?.value(row))
    }
}

impl Amounts<'_> {
    pub(super) fn isk(&self, row: usize) -> Option<Isk> {
        Isk::from_hundredths(self.at(row)?)
    }
}

impl Times<'_> {
    pub(super) fn time(&self, row: usize) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.at(row)?).ok()
    }
}

impl Numbers<'_, Date32Type> {
    pub(super) fn date(&self, row: usize) -> Option<Date> {
        let days = jiff::Span::new().try_days(self.at(row)?).ok()?;
        jiff::civil::date(1970, 1, 1).checked_add(days).ok()
    }
}

impl Flags<'_> {
    pub(super) fn is(&self, row: usize) -> bool {
        self.with(row).is_some_and(|array| array.value(row))
    }
}

impl<'a> Texts<'a> {
    pub(super) fn text(&self, row: usize) -> Option<&'a str> {
        Some(self.with(row)?.value(row))
    }
}

impl<'a> Column<'a, BinaryArray> {
    pub(super) fn bytes(&self, row: usize) -> Option<&'a [u8]> {
        Some(self.with(row)?.value(row))
    }
}

impl<'a> Lists<'a> {
    fn list(&self, row: usize) -> Option<(&'a ListArray, Range<usize>)> {
        let list = self.with(row)?;
        let place = |at: usize| usize::try_from(list.value_offsets()[at]).unwrap_or_default();
        Some((list, place(row)..place(row + 1)))
    }

    pub(super) fn words(&self, row: usize) -> Vec<&'a str> {
        let Some((list, range)) = self.list(row) else { return Vec::new() };
        let words = list.values().as_string::<i32>();
        range.map(|at| words.value(at)).collect()
    }

    pub(super) fn numbers(&self, row: usize) -> &'a [i32] {
        let Some((list, range)) = self.list(row) else { return &[] };
        &list.values().as_primitive::<Int32Type>().values()[range]
    }
}
