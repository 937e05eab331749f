// Package jsonschema keeps the documents of a collection to a JSON schema, in
// the words of the validator that the reference uses (json-schema-validator).
//
//	schema JSON --Compile--> Schema --Validate, a document--> nil or what is wrong
//
// Nothing is ever loaded from elsewhere: a schema refers to its own parts alone.
package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// Schema is a compiled JSON schema.
type Schema struct{ compiled *validator.Schema }

// FromComment returns the schema in a table's comment, {"schema":…}.
func FromComment(comment string) (text string, ok bool) {
	var kept struct {
		Schema json.RawMessage `json:"schema"`
	}
	if json.Unmarshal([]byte(comment), &kept) != nil || len(kept.Schema) == 0 || string(kept.Schema) == "null" {
		return "", false
	}
	return string(kept.Schema), true
}

// drafts are the values of $schema that mean something; with any other, a schema
// is one of draft 4, as in the reference.
var drafts = map[string]*validator.Draft{
	"http://json-schema.org/draft-04/schema":       validator.Draft4,
	"http://json-schema.org/draft-06/schema":       validator.Draft6,
	"http://json-schema.org/draft-07/schema":       validator.Draft7,
	"https://json-schema.org/draft/2019-09/schema": validator.Draft2019,
	"https://json-schema.org/draft/2020-12/schema": validator.Draft2020,
}

// types are the primitive types, in the order of the reference's message.
var types = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

// noLoader refuses to load anything.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not a part of this schema", url)
}

// address is the schema's own, for references within it.
const address = "urn:collection"

// Compile makes a Schema of JSON text. Errors are refusals in the words of the
// API.
func Compile(text string) (*Schema, error) {
	v, err := cell.Parse([]byte(text), cell.Options{})
	if err != nil {
		return nil, err
	}
	if v.Kind() != cell.Object {
		return nil, fmt.Errorf("[error]: JSON value is of type %s, not a JSON Schema (expected an object); ", typeName(v))
	}
	doc, err := validator.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, wrong(err)
	}
	root := doc.(map[string]any)
	draft := validator.Draft4
	if url, ok := root["$schema"].(string); ok {
		if known := drafts[strings.TrimSuffix(url, "#")]; known != nil {
			draft = known
		} else {
			delete(root, "$schema")
		}
	} else {
		delete(root, "$schema")
	}
	if name, ok := badType(root, 0); ok {
		return nil, fmt.Errorf("[error]: \"%s\" is not a valid primitive type (valid values are: [%s]); ", name, strings.Join(types, ", "))
	}
	c := validator.NewCompiler()
	c.DefaultDraft(draft)
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(address, doc); err != nil {
		return nil, wrong(err)
	}
	compiled, err := c.Compile(address)
	if err != nil {
		return nil, wrong(err)
	}
	return &Schema{compiled}, nil
}

// wrong is the error of a schema that is none.
func wrong(err error) error {
	var invalid *validator.ValidationError
	if errors.As(err, &invalid) {
		messages := texts(invalid, nil)
		return fmt.Errorf("[error]: %s; ", strings.Join(messages, "; [error]: "))
	}
	return fmt.Errorf("[error]: %s; ", err)
}

// typeName is what a JSON value is in JSON schemas.
func typeName(v cell.Value) string {
	switch v.Kind() {
	case cell.Null:
		return "null"
	case cell.Bool:
		return "boolean"
	case cell.String:
		return "string"
	case cell.Array:
		return "array"
	case cell.Number:
		if bytes.ContainsAny(v, ".eE") {
			return "number"
		}
		return "integer"
	}
	return "object"
}

// badType finds a value of "type" that there is not, in a schema or one in it.
func badType(schema map[string]any, depth int) (string, bool) {
	if depth > cell.MaxDepth {
		return "", false
	}
	names, _ := schema["type"].([]any)
	if name, ok := schema["type"].(string); ok {
		names = []any{name}
	}
	for _, name := range names {
		if text, ok := name.(string); ok && !slices.Contains(types, text) {
			return text, true
		}
	}
	for keyword, value := range schema {
		var parts []any
		switch keyword {
		case "properties", "patternProperties", "definitions", "$defs":
			members, _ := value.(map[string]any)
			for _, member := range members {
				parts = append(parts, member)
			}
		case "allOf", "anyOf", "oneOf":
			parts, _ = value.([]any)
		case "items", "not", "additionalProperties", "additionalItems":
			parts = []any{value}
		}
		for _, part := range parts {
			if inner, ok := part.(map[string]any); ok {
				if name, bad := badType(inner, depth+1); bad {
					return name, true
				}
			}
		}
	}
	return "", false
}

// Validate checks a document. The error says all that is wrong with it.
func (s *Schema) Validate(document []byte) error {
	instance, err := validator.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	err = s.compiled.Validate(instance)
	var invalid *validator.ValidationError
	if errors.As(err, &invalid) {
		return fmt.Errorf("Invalid JSON: [%s]", strings.Join(texts(invalid, instance), ", "))
	}
	return err
}
