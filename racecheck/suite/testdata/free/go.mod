module free

go 1.26
