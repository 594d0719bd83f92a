module github.com/iamd-project/iamd/tools/awsgen

go 1.26
