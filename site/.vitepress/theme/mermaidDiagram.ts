import type { Mermaid } from 'mermaid'
import { useData, withBase } from 'vitepress'
import { defineComponent, h, onMounted, ref, useId, watch } from 'vue'

/** Draws a diagram in the browser with Mermaid's own bundle, in the colours of the page. Shows its source until it is drawn, and without scripts. `source` is encoded for an attribute. */
export const MermaidDiagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData()
    const id = `diagram${useId()}`
    const drawing = ref('')
    const text = decodeURIComponent(props.source)
    async function draw(): Promise<void> {
      const { default: mermaid }: { default: Mermaid } = await import(/* @vite-ignore */ withBase('/mermaid/mermaid.esm.min.mjs'))
      mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: isDark.value ? 'dark' : 'neutral', fontFamily: 'inherit' })
      drawing.value = (await mermaid.render(id, text)).svg
    }
    onMounted(draw)
    watch(isDark, draw)
    return () =>
      drawing.value === '' ? h('pre', { class: 'diagram', tabindex: 0 }, text) : h('div', { class: 'diagram', tabindex: 0, innerHTML: drawing.value })
  },
})
