package naming

import "testing"

// TestEntity: the names of graphql.md §4.4.
func TestEntity(t *testing.T) {
	for name, want := range map[string]string{
		"books": "books", "user_profile": "user_profile", "Weird_Name1": "Weird_Name1",
		"Query": "Querx79_", "Mutation": "Mutatiox6e_", "QueryOptions": "QueryOptionx73_", "QueryConsistency": "QueryConsistencx79_",
		"MutationOptions": "MutationOptionx73_", "MutationConsistency": "MutationConsistencx79_", "SerialConsistency": "SerialConsistencx79_",
		"String": "Strinx67_", "Int": "Inx74_", "Float": "Floax74_", "Boolean": "Booleax6e_", "Uuid": "Uuix64_", "Time": "Timx65_",
		"Float32": "Float32", "conversionWarnings": "conversionWarningx73_",
		"Entry": "Entrx79_", "Tuple": "Tuplx65_", "Tuples": "Tuplx65_s",
		"fooInput": "fooInpux74_", "fooResult": "fooResulx74_", "fooOrder": "fooOrdex72_", "fooUdt": "fooUdx74_",
		"x78_": "x78_78_", "9lives": "x39_lives", "__x": "x5f__x", "a-b": "ax2d_b", "é": "xe9_", "x1": "x1",
	} {
		if got := Entity(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
