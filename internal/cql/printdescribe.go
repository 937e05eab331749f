package cql

// describeWords are what stands behind DESCRIBE for each kind.
var describeWords = [...]string{
	DescribeCluster: "CLUSTER", DescribeFullSchema: "FULL SCHEMA", DescribeSchema: "SCHEMA",
	DescribeKeyspaces: "KEYSPACES", DescribeKeyspace: "KEYSPACE", DescribeTables: "TABLES", DescribeTable: "TABLE",
	DescribeTypes: "TYPES", DescribeType: "TYPE", DescribeIndex: "INDEX", DescribeView: "MATERIALIZED VIEW",
	DescribeFunctions: "FUNCTIONS", DescribeFunction: "FUNCTION", DescribeAggregates: "AGGREGATES",
	DescribeAggregate: "AGGREGATE", DescribeGeneric: "",
}

func (w *printer) describeStatement(s *Describe) {
	w.str("DESCRIBE")
	w.when(s.Only, " ONLY")
	w.when(s.Kind != DescribeGeneric, " ")
	w.str(describeWords[s.Kind])
	quote, quoteKeyspace := QuoteIdentifier, QuoteIdentifier
	switch s.Kind {
	case DescribeType:
		quote = quoteTypeName
	case DescribeFunction, DescribeAggregate:
		quote = quoteFunctionName
	case DescribeGeneric:
		// A keyword would be taken for what is to be described.
		quote = func(name string) string {
			if isBareWord(name) && lookupWord(name) == tokIdent {
				return name
			}
			return quoteName(name)
		}
		quoteKeyspace = quote
	}
	switch {
	case s.Kind == DescribeKeyspace && s.Name.Keyspace != "":
		w.str(" ", QuoteIdentifier(s.Name.Keyspace))
	case s.Name.Name != "":
		w.str(" ")
		if s.Name.Keyspace != "" {
			w.str(quoteKeyspace(s.Name.Keyspace), ".")
		}
		w.str(quote(s.Name.Name))
	}
	w.when(s.Internals, " WITH INTERNALS")
}
