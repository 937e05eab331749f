// Package speccases holds the test of docs/cases.md, the table of what the
// specifications ask for and the tests that hold it: each test that is named there
// exists, no case of a numbered list is left out, and no numbered text case is
// without its row.
package speccases
