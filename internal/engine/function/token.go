package function

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// tokenFunction is token() on a table with those partition key columns
// (TokenFct).
func tokenFunction(partitionKey []*cqltype.Type) (*Function, error) {
	if len(partitionKey) == 0 {
		return nil, invalid("No receiver table has been specified for function system.token")
	}
	return &Function{Name: "token", Return: cqltype.TypeBigint, Args: partitionKey, Pure: true,
		Call: func(_ *Env, args [][]byte) ([]byte, error) {
			for _, a := range args {
				if a == nil {
					return nil, nil
				}
			}
			var buf [256]byte
			return appendInteger(cqltype.Token(cqltype.AppendPartitionKey(buf[:0], args...)), 8), nil
		}}, nil
}
