#!/usr/bin/env bash
# check-release.sh TAG: checks that TAG may be published: its commit is on main, package.json has its version and names this
# repository, and CHANGELOG.md has a section for it and nothing under Unreleased. It reports every reason against it.
set -euo pipefail
tag=$1
problems=0
refuse() {
  echo "::error::$1"
  problems=$((problems + 1))
}

version=$(node -p 'JSON.parse(fs.readFileSync("package.json", "utf8")).version')
if [ "$tag" != "v$version" ]; then
  refuse "The tag is $tag, and package.json has version $version: tag the commit that sets the version, as v$version."
fi
case $version in
  *-*) refuse "$version is a pre-release: this workflow publishes what everyone installs." ;;
esac

if ! git merge-base --is-ancestor "$tag^{commit}" refs/remotes/origin/main; then
  refuse "The commit of $tag is not on main: merge it first, and tag the merge."
fi

# npm refuses a provenance whose repository is not the one of package.json.
repository="git+https://github.com/${GITHUB_REPOSITORY:?}.git"
if [ "$(node -p 'JSON.parse(fs.readFileSync("package.json", "utf8")).repository?.url ?? ""')" != "$repository" ]; then
  refuse "package.json does not name this repository: run npm pkg set repository.type=git repository.url=$repository"
fi

# section TITLE: the lines of that section of the changelog, without empty ones.
section() {
  awk -v title="## $1" '/^## / { inside = $0 == title || index($0, title " ") == 1; next } inside && NF' CHANGELOG.md
}
if [ -z "$(section "$version")" ]; then
  refuse "CHANGELOG.md has no section \"## $version\" with content: move what is under Unreleased there."
fi
if [ -n "$(section Unreleased)" ]; then
  refuse "CHANGELOG.md still has entries under Unreleased: move them to \"## $version\"."
fi

if [ "$problems" != 0 ]; then exit 1; fi
echo "$tag may be published."
