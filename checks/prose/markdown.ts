import plugin from '@textlint/textlint-plugin-markdown'
import type { TextlintPluginCreator } from '@textlint/types'

// A CommonJS module: Node gives the whole of it as `default`.
export const markdownPlugin: TextlintPluginCreator = (plugin as unknown as { default: TextlintPluginCreator }).default ?? plugin
