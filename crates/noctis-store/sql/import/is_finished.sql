-- Was a file of this content finished before?
SELECT EXISTS (SELECT FROM imported_files WHERE sha256 = $1);
