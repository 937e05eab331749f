module github.com/astrolabe-db/astrolabe/test

go 1.26.0

require github.com/astrolabe-db/astrolabe v0.0.0

require (
	github.com/apache/cassandra-gocql-driver/v2 v2.1.2 // indirect
	github.com/golang/snappy v1.0.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.33 // indirect
	gopkg.in/inf.v0 v0.9.1 // indirect
)

replace github.com/astrolabe-db/astrolabe => ../
