package test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// boto3's paginators give every secret and every parameter once, with one of each and
// with a hundred.
func TestBoto3SecretPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, n := range []int{1, 100} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			_, k := rootKeyOf(t, s, "create", fmt.Sprintf("boto%d", n))
			secretsOf, parameters := s.secrets(k), s.ssm(k, "us-east-1")
			together(n, func(i int) error {
				_, err := secretsOf.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: new(fmt.Sprint("s", i)), SecretString: new("v")})
				if err == nil {
					_, err = parameters.PutParameter(t.Context(), putting(fmt.Sprint("/a/b", i), "v"))
				}
				return err
			}).check(t)
			for i := range n - 1 {
				must[*ssm.PutParameterOutput](t)(parameters.PutParameter(t.Context(), putting("/a/b0", fmt.Sprint(i), over)))
			}
			s.boto3(t, k, asks{Service: "secretsmanager", All: namesOf("secretsmanager"), Asks: []ask{
				{"ListSecrets", map[string]any{}, n},
				{"ListSecrets", map[string]any{"SortBy": "name", "SortOrder": "desc"}, n},
				{"ListSecrets", map[string]any{"SortBy": "last-changed-date"}, n},
				{"ListSecrets", map[string]any{"Filters": []any{map[string]any{"Key": "name", "Values": []string{"s0"}}}}, 1},
			}})
			byName := types.ParameterStringFilter{Key: new("Name"), Option: new("BeginsWith"), Values: []string{"/a/b"}}
			s.boto3(t, k, asks{Service: "ssm", All: namesOf("ssm"), Asks: []ask{
				{"DescribeParameters", map[string]any{"ParameterFilters": []any{byName}}, n},
				{"GetParametersByPath", map[string]any{"Path": "/", "Recursive": true}, n},
				{"GetParametersByPath", map[string]any{"Path": "/a"}, n},
				{"GetParameterHistory", map[string]any{"Name": "/a/b0"}, n},
			}})
		})
	}
}
