# Writes lint_ruleset.h: the identification of everything that a verdict depends on, and the rules
# in the order of their ids. Run at build time, with
#   -DSOURCE_DIR=<provider>  -DFILES=<files, relative, ;-separated>  -DOUTPUT=<header>
cmake_minimum_required(VERSION 3.25)

# One digest over name and contents of each file, in the order of the names.
list(SORT FILES COMPARE STRING)
set(manifest "")
set(rules "")
set(tables "")
foreach(file IN LISTS FILES)
  file(SHA256 "${SOURCE_DIR}/${file}" digest)
  string(APPEND manifest "${digest}  ${file}\n")
  if(file MATCHES "\\.def$")
    file(READ "${SOURCE_DIR}/${file}" text)
    string(REGEX MATCHALL "RULE\\([A-Z0-9_]+,[ \n]*\"[a-z0-9._]+\"" found "${text}")
    foreach(rule IN LISTS found)
      # A space sorts before every character of an id, as the end of the string does in strcmp.
      string(REGEX REPLACE "RULE\\(([A-Z0-9_]+),[ \n]*\"([a-z0-9._]+)\"" "\\2 \\1" rule "${rule}")
      list(APPEND rules "${rule}")
    endforeach()
  elseif(file MATCHES "^lint/data/")
    # A dated table says so on a line of its own: "Table: ISO 3166-1, 2026-01-31".
    file(STRINGS "${SOURCE_DIR}/${file}" dated REGEX "Table: [^,]+, [0-9.-]+")
    foreach(line IN LISTS dated)
      string(REGEX REPLACE "^.*Table: ([^,]+), ([0-9.-]+).*$" "\\1 \\2" line "${line}")
      list(APPEND tables "${line}")
    endforeach()
  endif()
endforeach()
string(SHA256 digest "${manifest}")
string(SUBSTRING "${digest}" 0 12 digest)

list(REMOVE_DUPLICATES tables)
list(SORT tables COMPARE STRING)
set(identification "SBR 1.0.16 (2026-09-28)")
foreach(table IN LISTS tables)
  string(APPEND identification ", ${table}")
endforeach()
string(APPEND identification ", ${digest}")

list(SORT rules COMPARE STRING)
set(by_id "")
foreach(rule IN LISTS rules)
  string(REGEX REPLACE "^[^ ]+ " "" rule "${rule}")
  string(APPEND by_id " \\\n    BY_ID(${rule})")
endforeach()

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"/* Written by cmake/Ruleset.cmake. */
#define LINT_RULESET \"@identification@\"
#define LINT_RULES_BY_ID(BY_ID)@by_id@
")
