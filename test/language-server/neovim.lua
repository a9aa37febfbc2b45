-- Runs in `nvim --headless`: opens a policy file with the language server, follows its correction, and writes what it saw.
local setup, result = unpack(vim.split(vim.env.OSS_POLICY_TEST, "\n"))
local seen = {}

local function codes()
  return vim.tbl_map(function(one) return one.code end, vim.diagnostic.get(0))
end

local function ask(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 10000) or {}) do
    return answer.result
  end
end

vim.o.swapfile = false
dofile(setup)
vim.cmd("edit policies/web.yaml")

vim.wait(20000, function() return #codes() > 0 end, 20)
seen.wrong = codes()

local row = vim.fn.search("GetObjct")
vim.fn.cursor(row, vim.fn.col("."))
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = {} }
local action = ask("textDocument/codeAction", params)[1]
seen.title = action.title
vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
seen.line = vim.fn.getline(row)

vim.wait(20000, function() return #codes() == 0 end, 20)
seen.right = codes()
local hover = ask("textDocument/hover", vim.lsp.util.make_position_params())
seen.hover = hover.contents.value

vim.cmd("write")
vim.fn.writefile({ vim.fn.json_encode(seen) }, result)
vim.cmd("qall!")
