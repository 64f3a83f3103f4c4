-- Up to which arrival were the stored kills looked through for ids?
SELECT arrival FROM names_walk;
