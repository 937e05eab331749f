package cql

import "testing"

var benchStatements = []struct{ name, text string }{
	{"select", "SELECT userid, firstname, lastname, email FROM user_profile.users WHERE userid = ?"},
	{"insert", "INSERT INTO users (userid, firstname, lastname, email, created_date) VALUES (?, ?, ?, ?, toTimestamp(now()))"},
	{"insertLiterals", "INSERT INTO users (userid, firstname, lastname, email) VALUES (123e4567-e89b-12d3-a456-426655440000, 'John', 'Smith', 'john@example.com') IF NOT EXISTS"},
	{"update", "UPDATE users USING TTL 86400 SET firstname = 'Jane', tags = tags + {'a', 'b'} WHERE userid = ? IF email = 'x'"},
	{"batch", "BEGIN BATCH INSERT INTO a (k, v) VALUES (1, 2); UPDATE b SET v = 3 WHERE k = 1; DELETE FROM c WHERE k = 1; APPLY BATCH"},
	{"createTable", "CREATE TABLE IF NOT EXISTS ks.t (a int, b text, c frozen<map<text, int>>, PRIMARY KEY ((a), b)) WITH CLUSTERING ORDER BY (b DESC) AND comment = 'x'"},
}

func BenchmarkParse(b *testing.B) {
	for _, s := range benchStatements {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s.text)))
			for b.Loop() {
				if _, err := Parse(s.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPrint(b *testing.B) {
	for _, s := range benchStatements {
		parsed, err := Parse(s.text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Print(parsed.Statement)
			}
		})
	}
}

func BenchmarkSyntaxError(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("SELECT a, b FORM t WHERE c = 1"); err == nil {
			b.Fatal("no error")
		}
	}
}
