//! Keeps: a month of rows as Parquet files, and back.
//!
//! It knows neither PostgreSQL nor the program: rows come in and go out as binary `COPY` has them.
