package exec

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// collect gathers the fields of a selection on an object type: selections of one
// response key become one field. conditions are the @skip and @include on the
// way here. Every selection that is visited counts, so that fragments within
// fragments can't multiply the work.
func (c *checker) collect(t *ast.Definition, set ast.SelectionSet, fields []*Field, conditions conjunction, visited map[string]bool, depth int) []*Field {
	if depth > MaxDepth {
		c.tooDeep(depth)
		return fields
	}
	for _, s := range set {
		if c.limit--; c.limit < 0 {
			if c.limit == -1 {
				c.failures = append(c.failures, aborted("complexity", MaxFields+1, MaxFields))
			}
			return fields
		}
		switch s := s.(type) {
		case *ast.Field:
			fields = c.collectField(t, s, fields, with(conditions, s.Directives), depth)
		case *ast.InlineFragment:
			if c.applies(s.TypeCondition, t) {
				fields = c.collect(t, s.SelectionSet, fields, with(conditions, s.Directives), visited, depth)
			}
		case *ast.FragmentSpread:
			f := c.query.Fragments.ForName(s.Name)
			here := with(conditions, s.Directives)
			if visited[s.Name] || !c.applies(f.TypeCondition, t) {
				continue
			}
			if len(here) == 0 {
				visited[s.Name] = true
			}
			fields = c.collect(t, f.SelectionSet, fields, here, visited, depth)
		}
	}
	return fields
}

// applies reports whether a fragment on a type is for values of type t.
func (c *checker) applies(condition string, t *ast.Definition) bool {
	if condition == "" || condition == t.Name {
		return true
	}
	other := c.schema.AST.Types[condition]
	return other != nil && slices.Contains(c.objects(other), t)
}

func (c *checker) collectField(t *ast.Definition, s *ast.Field, fields []*Field, conditions conjunction, depth int) []*Field {
	var f *Field
	for _, other := range fields {
		if other.Key == s.Alias || s.Alias == "" && other.Key == s.Name {
			f = other
		}
	}
	if f == nil {
		f = newField(s, t, c.definition(t, s.Name))
		if len(conditions) > 0 {
			f.conditions = []conjunction{conditions}
		}
		fields = append(fields, f)
	} else {
		if conflict := f.conflict(s); conflict != "" {
			c.fail("FieldsConflict", s.Position, "%s", conflict)
			return fields
		}
		if len(conditions) == 0 {
			f.conditions = nil
		} else if len(f.conditions) > 0 {
			f.conditions = append(f.conditions, conditions)
		}
	}
	value := c.schema.AST.Types[f.Definition.Type.Name()]
	switch {
	case value == nil || len(s.SelectionSet) == 0:
	case value.IsAbstractType():
		if f.Of == nil {
			f.Of = map[string][]*Field{}
		}
		for _, object := range c.objects(value) {
			f.Of[object.Name] = c.collect(object, s.SelectionSet, f.Of[object.Name], conditions, map[string]bool{}, depth+1)
		}
	default:
		f.Fields = c.collect(value, s.SelectionSet, f.Fields, conditions, map[string]bool{}, depth+1)
	}
	return fields
}

// with adds the @skip and @include of a selection.
func with(conditions conjunction, list ast.DirectiveList) conjunction {
	for _, d := range list {
		if d.Name == "skip" || d.Name == "include" {
			conditions = append(slices.Clip(conditions), d)
		}
	}
	return conditions
}
