-- Migration 0004 brought views, which hold no rows of their own.
SELECT 1;
