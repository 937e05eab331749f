package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Properties are the properties of one WITH clause by name
// (org.apache.cassandra.cql3.statements.PropertyDefinitions).
type Properties map[string]*cql.Property

// NewProperties collects the properties of a statement; a name that comes
// twice is a syntax error.
func NewProperties(list []cql.Property) (Properties, error) {
	p := make(Properties, len(list))
	for i := range list {
		if p[list[i].Name] != nil {
			return nil, cqlerr.Syntaxf("Multiple definitions for property '%s'", list[i].Name)
		}
		p[list[i].Name] = &list[i]
	}
	return p, nil
}

// ValidateNames refuses properties that are not among names.
func (p Properties) ValidateNames(names ...string) error {
	for _, property := range sorted(p) {
		if !slices.Contains(names, property.Name) {
			return cqlerr.Syntaxf("Unknown property '%s'", property.Name)
		}
	}
	return nil
}

// Text returns the text of a property and whether it is there.
func (p Properties) Text(name string) (string, bool, error) {
	property := p[name]
	if property == nil {
		return "", false, nil
	}
	if property.IsMap {
		return "", false, cqlerr.Syntaxf("Invalid value for property '%s'. It should be a string", name)
	}
	return property.Text, true, nil
}

// Map returns a property that is a map, nil when it is not there.
func (p Properties) Map(name string) (map[string]string, error) {
	property := p[name]
	if property == nil {
		return nil, nil
	}
	if !property.IsMap {
		return nil, cqlerr.Syntaxf("Invalid value for property '%s'. It should be a map.", name)
	}
	m := make(map[string]string, len(property.Map))
	for _, e := range property.Map {
		m[e.Key] = e.Value
	}
	return m, nil
}

// Bool reads a property into dst; one that is not there leaves it alone.
func (p Properties) Bool(name string, dst *bool) error {
	text, ok, err := p.Text(name)
	if err != nil || !ok {
		return err
	}
	switch strings.ToLower(text) {
	case "1", "true", "yes":
		*dst = true
	case "0", "false", "no":
		*dst = false
	default:
		return cqlerr.Syntaxf("Invalid boolean value %s for '%s'. Positive values can be '1', 'true' or 'yes'. "+
			"Negative values can be '0', 'false' or 'no'.", text, name)
	}
	return nil
}

// Int reads a property into dst; one that is not there leaves it alone.
func (p Properties) Int(name string, dst *int32) error {
	text, ok, err := p.Text(name)
	if err != nil || !ok {
		return err
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return cqlerr.Syntaxf("Invalid integer value %s for '%s'", text, name)
	}
	*dst = int32(n)
	return nil
}

// Double reads a property into dst; one that is not there leaves it alone.
func (p Properties) Double(name string, dst *float64) error {
	text, ok, err := p.Text(name)
	if err != nil || !ok {
		return err
	}
	d, err := parseDouble(text)
	if err != nil {
		return cqlerr.Syntaxf("Invalid double value %s for '%s'", text, name)
	}
	*dst = d
	return nil
}

// parseDouble reads what Java's Double.parseDouble reads of decimal numbers:
// NaN and Infinity are words of their own there, hexadecimal and underscores
// are refused.
func parseDouble(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "xX_pP") {
		return 0, strconv.ErrSyntax
	}
	unsigned := strings.TrimLeft(text, "+-")
	if unsigned != "NaN" && unsigned != "Infinity" && strings.ContainsAny(unsigned, "iInN") {
		return 0, strconv.ErrSyntax
	}
	d, err := strconv.ParseFloat(strings.TrimRight(text, "dDfF"), 64)
	if err != nil && !strings.Contains(err.Error(), "out of range") {
		return 0, err
	}
	return d, nil
}

// formatDouble is Java's Double.toString: 0.01, 1.0, 6.71E-5.
func formatDouble(d float64) string { return string(cqltype.AppendFloatText(nil, d, 64)) }
